"""How well `adjoint train digits` learns: test accuracy of the command, with its defaults, over seeds.

    python benchmarks/digits.py [--seeds 10] [options of `adjoint train digits`]

Each seed is a process of its own, in a folder that is removed afterwards: what a user types is what runs.
The goal is a mean of at least 97 %; the exit status says whether it was reached.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time

GOAL = 97.0


def main() -> None:
    """Run the command for each seed, and print the accuracies and their mean."""
    parser = argparse.ArgumentParser(description="Test accuracy of `adjoint train digits` over seeds.")
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds, from 0 on")
    known, options = parser.parse_known_args()
    found: list[float] = []
    for seed in range(known.seeds):
        start = time.perf_counter()
        found.append(accuracy(seed, options))
        print(f"seed {seed}: {found[-1]:.1f} %  ({time.perf_counter() - start:.1f} s)", flush=True)
    mean = statistics.fmean(found)
    print(f"mean {mean:.2f} %, worst {min(found):.1f} %; the goal is a mean of {GOAL:.0f} %")
    sys.exit(mean < GOAL)


def accuracy(seed: int, options: list[str]) -> float:
    """What the last line of a run says, in percent."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "adjoint", "train", "digits", "--seed", str(seed), *options]
        done = subprocess.run(
            [*command, "--out", f"{folder}/run"], stdout=subprocess.PIPE, text=True, check=True
        )
    last = re.fullmatch(r"test accuracy: (\d+\.\d) %", done.stdout.splitlines()[-1])
    assert last is not None, done.stdout
    return float(last[1])


if __name__ == "__main__":
    main()
