"""What is installed is named, never where it comes from: each machine has its own registries."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["constraints.txt", "static/package-lock.json"])
def test_lock_files_have_no_addresses(name: str) -> None:
    assert "://" not in (_ROOT / name).read_text(encoding="utf-8")
