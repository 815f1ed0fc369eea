"""What is chosen in the panel, beside what the operator wrote down."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.sentences import assert_one_sentence
from vlog.cli import app
from vlog.configuration import Configuration, Origin, keys, load
from vlog.database.engine import Database
from vlog.database.location import database_file, engine_url
from vlog.database.migration import migrate
from vlog.errors import Conflict, Invalid
from vlog.live_settings import CHANGEABLE, LiveSettings
from vlog.panel_settings import PanelSettings
from vlog.settings import Settings


def _plain() -> LiveSettings:
    return LiveSettings.of(Configuration(Settings(), None, {}))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration of every kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vlog.toml").write_text(
        "[site]\ntitle = 'File'\n[transcoding]\nladder = ['360p']\n"
    )
    monkeypatch.setenv("VLOG_SITE__DESCRIPTION", "Environment")
    return tmp_path


def test_every_changeable_key_is_a_setting() -> None:
    assert set(CHANGEABLE) <= set(keys())


async def test_what_the_operator_set_wins_and_the_panel_sets_the_rest(
    folder: Path, database: Database
) -> None:
    configuration = load(None, {"analytics": {"show_views": False}})
    live = LiveSettings.of(configuration)
    panel = PanelSettings(database, live)
    for key, value in (
        ("site.title", "Panel"),
        ("site.description", "Panel"),
        ("analytics.show_views", True),
        ("transcoding.ladder", ["720p"]),
    ):
        with pytest.raises(Conflict, match=f"`{key}` is set"):
            await panel.change({key: value})
    await panel.change({"site.accent": "#AA3311", "transcoding.keep_source": True})
    assert (live.site.title, live.site.description) == ("File", "Environment")
    assert (live.site.accent, live.transcoding.keep_source) == ("#aa3311", True)
    assert live.transcoding.ladder == ("360p",)
    assert live.origin("site.accent") == Origin("panel")
    assert live.origin("site.title") == Origin("file", str(folder / "vlog.toml"))
    assert live.origin("site.description") == Origin("environment", "VLOG_SITE__DESCRIPTION")
    assert live.origin("analytics.show_views") == Origin("command line")
    assert live.origin("analytics.enabled") == Origin("default")


async def test_a_choice_is_there_after_a_restart_and_can_be_taken_back(database: Database) -> None:
    before = PanelSettings(database, _plain())
    await before.change({"site.title": "  Our   films ", "transcoding.videos_at_once": "2"})
    after = PanelSettings(database, _plain())
    await after.load()
    assert after.settings.site.title == "Our films"
    assert after.settings.transcoding.videos_at_once == 2
    await after.change({"site.title": None})
    assert after.settings.site.title == "VLog"
    assert after.settings.chosen == {"transcoding.videos_at_once": 2}


async def test_whoever_holds_the_settings_sees_the_change(database: Database) -> None:
    live = _plain()
    held: Settings = live
    woken: list[bool] = []
    panel = PanelSettings(database, live, lambda: woken.append(True))
    await panel.change({"analytics.retention_days": 3, "transcription.language": "DE"})
    assert (held.analytics.retention_days, held.transcription.language) == (3, "de")
    assert woken == [True]


async def test_a_wrong_value_is_refused_in_plain_words_and_nothing_changes(
    database: Database,
) -> None:
    panel = PanelSettings(database, _plain())
    wrong: list[tuple[str, Any, str]] = [
        ("site.title", " ", "`site.title` must not be empty"),
        ("site.title", "x" * 101, "at most 100 characters"),
        ("site.accent", "red", "six digits"),
        ("transcoding.ladder", ["999p"], "must name rungs"),
        ("transcoding.ladder", "", "must name rungs"),
        ("transcoding.videos_at_once", -1, "must be at least 0"),
        ("transcoding.videos_at_once", "many", "must be a whole number"),
        ("analytics.enabled", "perhaps", "must be true or false"),
        ("transcription.language", "klingon", "Whisper knows"),
        ("site.titel", "x", "is not a setting"),
        ("transcoding.ladder", "[" * 5000, "`transcoding.ladder`"),
        ("analytics.heatmap_viewers", 2**63, "at most 1000000"),
    ]
    for key, value, words in wrong:
        with pytest.raises(Invalid, match=words):
            await panel.change({"site.description": "Kept out", key: value})
    assert panel.settings.site == Settings().site
    await panel.load()
    assert panel.settings.chosen == {}


async def test_what_counts_from_the_start_on_is_not_changed(database: Database) -> None:
    panel = PanelSettings(database, _plain())
    with pytest.raises(Conflict, match=r"\[public\] port.*restart"):
        await panel.change({"public.port": 1})


def test_what_fits_no_more_is_left_out_alone() -> None:
    live = _plain()
    live.take({"transcoding.ladder": ["8p"], "site.title": "Ours", "gone.key": 1})
    assert live.site.title == "Ours"
    assert live.transcoding.ladder == Settings().transcoding.ladder
    assert live.origin("transcoding.ladder") == Origin("default")


async def test_a_choice_waits_while_the_file_says_otherwise(
    tmp_path: Path, database: Database
) -> None:
    await PanelSettings(database, _plain()).change({"site.title": "Panel"})
    file = {"site.title": Origin("file", "vlog.toml")}
    given = Settings.model_validate({"site": {"title": "File"}})
    panel = PanelSettings(database, LiveSettings.of(Configuration(given, None, file)))
    await panel.load()
    assert panel.settings.site.title == "File"
    await panel.change({"site.description": "More"})
    again = PanelSettings(database, _plain())
    await again.load()
    assert again.settings.site.title == "Panel"


def test_the_command_line_shows_what_was_chosen(folder: Path) -> None:
    async def choose() -> None:
        file = database_file(folder / "data", "")
        file.parent.mkdir()
        database = Database(engine_url(file))
        try:
            await migrate(database)
            await PanelSettings(database, _plain()).change({"transcription.model": "small"})
        finally:
            await database.dispose()

    before = CliRunner().invoke(app, ["config", "show"])
    assert 'model = "medium"  # default' in before.output
    assert not (folder / "data").exists()
    asyncio.run(choose())
    after = CliRunner().invoke(app, ["config", "show"])
    assert 'model = "small"  # panel' in after.output
    assert f'title = "File"  # file {folder / "vlog.toml"}' in after.output
    assert "* small " in CliRunner().invoke(app, ["models", "list"]).output


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(("[" * 5000, '["a', "[" + "9" * 5000 + "]", "#٣٣٣٣٣٣", "9" * 5000, "1e400")),
)
_VALUES = st.one_of(_SCALARS, st.lists(_SCALARS, max_size=3), st.dictionaries(st.text(), _SCALARS))


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(sorted(CHANGEABLE)), _VALUES, min_size=1, max_size=3))
def test_whatever_the_panel_sends_is_taken_or_refused_in_one_sentence(
    changes: dict[str, Any],
) -> None:
    live = _plain()
    try:
        chosen = live.check(changes, {})
    except Invalid as error:
        assert_one_sentence(error)
        return
    live.take(json.loads(json.dumps(chosen)))
    assert live.chosen == json.loads(json.dumps(chosen))
    assert live.check(chosen, {}) == chosen
    assert all(abs(value) < 2**63 for value in chosen.values() if isinstance(value, int))
