"""Functions that nobody here wrote, differentiated unchanged: `python -m benchmarks.unchanged`."""
