"""Back doors: what becomes of a Program. `source` writes it as NumPy source, and runs what it wrote."""
