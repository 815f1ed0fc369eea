from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.catalog.media_keys import PERIOD_SECONDS, is_valid, key_for, sign
from vlog.database.engine import Database

SECRET = b"s" * 32
MOMENT = datetime.fromtimestamp(PERIOD_SECONDS * 40_000, UTC)


def test_all_who_come_within_half_a_day_get_the_same_key() -> None:
    key = sign(SECRET, 7, MOMENT)
    assert sign(SECRET, 7, MOMENT + timedelta(seconds=PERIOD_SECONDS - 1)) == key
    assert sign(SECRET, 7, MOMENT + timedelta(seconds=PERIOD_SECONDS)) != key
    assert sign(SECRET, 8, MOMENT) != key
    assert sign(b"t" * 32, 7, MOMENT) != key


def test_a_key_ends_after_half_a_day_at_the_soonest_and_a_day_at_the_latest() -> None:
    for since in (0, 1, PERIOD_SECONDS - 1):
        given = MOMENT + timedelta(seconds=since)
        key = sign(SECRET, 7, given)
        assert is_valid(SECRET, 7, key, given)
        assert is_valid(SECRET, 7, key, given + timedelta(seconds=PERIOD_SECONDS))
        assert not is_valid(SECRET, 7, key, given + timedelta(seconds=2 * PERIOD_SECONDS))


@pytest.mark.parametrize("change", [("0", "1"), (".", ".A"), (".", "")])
def test_a_changed_key_opens_nothing(change: tuple[str, str]) -> None:
    key = sign(SECRET, 7, MOMENT)
    assert is_valid(SECRET, 7, key, MOMENT)
    assert not is_valid(SECRET, 7, key.replace(*change, 1), MOMENT)
    assert not is_valid(SECRET, 8, key, MOMENT)
    assert not is_valid(SECRET, 7, None, MOMENT)


async def test_the_secret_is_made_once(database: Database) -> None:
    assert await key_for(database, 1) == await key_for(database, 1)
    assert await key_for(database, 1) != await key_for(database, 2)


_KEYS = st.one_of(
    st.text(max_size=60),
    st.builds("{}.{}".format, st.integers(), st.text("AZaz09-_", min_size=32, max_size=32)),
    st.builds("{}.{}".format, st.text("0123456789٣ +", max_size=14), st.text(max_size=33)),
)


@settings(max_examples=100)
@given(_KEYS, st.integers(1, 2**62), st.integers(0, 57), st.characters())
def test_only_what_was_given_out_opens_anything(
    made_up: str, video_id: int, place: int, letter: str
) -> None:
    assert not is_valid(SECRET, video_id, made_up, MOMENT)
    key = sign(SECRET, video_id, MOMENT)
    assert is_valid(SECRET, video_id, key, MOMENT)
    changed = key[:place] + letter + key[place + 1 :]
    assert is_valid(SECRET, video_id, changed, MOMENT) == (changed == key)
    assert not is_valid(SECRET, video_id + 1, key, MOMENT)
