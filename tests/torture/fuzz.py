"""Every property of the suite with examples that nobody has drawn before."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def torture_with_new_examples(folder: Path, seed: int, rounds: int) -> list[str]:
    """Run the tests of properties over and over, each round from a seed of its own.

    Args:
        folder: where they may lay their files.
        seed: of the first round; the next ones follow it.
        rounds: how often.
    """
    number = 0
    for turn in range(rounds):
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-m", "hypothesis and not torture"),
            *("--hypothesis-profile=search", f"--hypothesis-seed={seed + turn}"),
            f"--basetemp={folder / 'made'}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        passed = re.search(r"(\d+) passed", done.stdout)
        assert passed is not None, done.stdout
        number = int(passed[1])
    return [f"fuzz                 {number:>3} properties, {rounds} times with new examples"]
