"""`python -m vlog`."""

from __future__ import annotations

from vlog.cli import main

if __name__ == "__main__":
    main()
