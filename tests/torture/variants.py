"""What the suite leaves out: another container, codec or rate that goes a way that it tried."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def torture_with_variants(folder: Path) -> list[str]:
    """Run the tests that are marked for it; one line with their number.

    Args:
        folder: where they may lay their files.
    """
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "torture",
        f"--basetemp={folder / 'made'}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    number = re.search(r"(\d+) passed", done.stdout)
    assert number is not None, done.stdout
    return [f"variants             {number[1]:>3} more sources, whole and in their place"]
