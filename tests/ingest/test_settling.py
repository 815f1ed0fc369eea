"""When a file has stopped growing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.ingest.settling import Settling, Sighting, may_be_taken

A = Sighting(100, 1)


def test_a_file_settles_when_it_stays_the_same() -> None:
    settling = Settling(5)
    assert settling.look({"a": A}, 0) == []
    assert settling.next_settled(1) == 4
    assert settling.look({"a": A}, 4.9) == []
    assert settling.look({"a": A}, 5) == ["a"]
    assert settling.next_settled(5) is None
    assert settling.look({"a": A}, 60) == ["a"]


@pytest.mark.parametrize("changed", [Sighting(101, 1), Sighting(100, 2), Sighting(99, 1)])
def test_any_change_begins_anew(changed: Sighting) -> None:
    settling = Settling(5)
    settling.look({"a": A}, 0)
    assert settling.look({"a": changed}, 4) == []
    assert settling.look({"a": changed}, 8) == []
    assert settling.look({"a": changed}, 9) == ["a"]


def test_an_empty_file_never_settles() -> None:
    settling = Settling(5)
    settling.look({"a": Sighting(0, 1)}, 0)
    assert settling.look({"a": Sighting(0, 1)}, 100) == []
    assert settling.next_settled(100) is None


def test_a_file_that_went_and_came_again_begins_anew() -> None:
    settling = Settling(5)
    settling.look({"a": A, "b": A}, 0)
    assert settling.look({"b": A}, 3) == []
    assert settling.look({"a": A, "b": A}, 6) == ["b"]
    assert settling.next_settled(6) == 5


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0.1, 4)), min_size=1, max_size=30))
def test_what_has_settled_was_the_same_for_so_long(steps: list[tuple[int, float]]) -> None:
    settling, moment = Settling(5), 0.0
    history: list[tuple[int, float]] = []
    for size, pause in steps:
        moment += pause
        history.append((size, moment))
        settled = settling.look({"a": Sighting(size, 1)}, moment) == ["a"]
        since = moment
        for past, when in reversed(history):
            if past != size:
                break
            since = when
        assert settled is (moment - since >= 5)


@pytest.mark.parametrize("name", ["a.mp4", "ü 🎬.mkv", "no extension", "a.part.mp4", "~a.mp4"])
def test_names_that_are_taken(name: str) -> None:
    assert may_be_taken(name)


@pytest.mark.parametrize(
    "name",
    [".a.mp4", ".incoming", "a.mp4.part", "a.TMP", "a.mp4.crdownload", "a.filepart", "a.mp4~"],
)
def test_names_that_are_left_alone(name: str) -> None:
    assert not may_be_taken(name)
