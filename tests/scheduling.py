"""Which tests of the suite run together in one process, and in which order they begin."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each has files that take minutes: begun last, they would leave all other cores with nothing to do.
_FIRST = ("tests/end_to_end/", "tests/transcoding/", "tests/transcription/")
# They share a server with a library.
_TOGETHER = "tests/end_to_end/player"


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """A file at a time, as its tests share what takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER if nodeid.startswith(_TOGETHER) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Instead of the one that `--dist` names."""
    return _Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order within a folder stays."""
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST))
