"""Variants of a test: `make test` tries each way through the code, `make torture` the rest."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.mark import ParameterSet


def one_more(*values: Any) -> ParameterSet:
    """Parameters of a test that go the same way as others do."""
    return pytest.param(*values, marks=pytest.mark.torture)
