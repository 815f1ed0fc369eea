"""Settings from file, environment and command line, and sentences for what is wrong."""

from __future__ import annotations

import json
import os
import tomllib
from math import isfinite
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from typer.testing import CliRunner

from tests.sentences import assert_one_sentence
from vlog.catalog.embedding import rule_of
from vlog.cli import app
from vlog.configuration import admin_password, keys, load, sections, show
from vlog.errors import ConfigurationError
from vlog.settings import AdminSettings, Settings, is_loopback
from vlog.web.security import HostCheck, content_security_policy

SHIPPED = Path(__file__).parent.parent / "vlog.toml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(folder: Path, text: str) -> Path:
    path = folder / "vlog.toml"
    path.write_text(text)
    return path


def test_the_shipped_file_lists_every_key_with_its_default_and_a_comment() -> None:
    text = SHIPPED.read_text()
    tree = tomllib.loads(text)
    listed = {f"{section}.{name}" for section, values in tree.items() for name in values}
    assert listed == set(keys())
    assert Settings.model_validate(tree) == Settings()
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if " = " in line and not line.startswith("#"):
            assert lines[place - 1].startswith("# "), line


def test_every_setting_is_explained_by_the_shipped_file() -> None:
    text = SHIPPED.read_text()
    for model in sections().values():
        for name, field in model.model_fields.items():
            assert field.description, name
            assert f"# {field.description}.\n{name} = " in text


def test_environment_beats_file_and_command_line_beats_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(folder, "[public]\nport = 1001\n[admin]\nport = 1002\n[site]\ntitle = 'File'\n")
    monkeypatch.setenv("VLOG_PUBLIC__PORT", "2001")
    monkeypatch.setenv("VLOG_ADMIN__PORT", "2002")
    found = load(None, {"public": {"port": 3001}})
    assert found.settings.public.port == 3001
    assert found.settings.admin.port == 2002
    assert found.settings.site.title == "File"
    assert found.settings.transcoding.preset == "medium"
    text = show(found)
    assert "port = 3001  # command line" in text
    assert "port = 2002  # environment VLOG_ADMIN__PORT" in text
    assert f'title = "File"  # file {folder}' in text
    assert 'preset = "medium"  # default' in text


@pytest.mark.parametrize("value", ['["480p", "720p"]', "480p,720p", " 720p , 480p "])
def test_a_list_in_the_environment_is_json_or_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("VLOG_TRANSCODING__LADDER", value)
    assert load().settings.transcoding.ladder == ("720p", "480p")


def test_relative_paths_count_from_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(folder, "[storage]\npath = 'films'\n[database]\npath = '/srv/db'\n")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    found = load(folder / "vlog.toml")
    assert found.settings.storage.path == folder / "films"
    assert found.settings.database.path == Path("/srv/db")


def test_a_misspelt_key_is_named_with_its_line(folder: Path) -> None:
    _write(folder, "# mine\n[admin]\nport = 1\n\n[public]\nprot = 9000\n")
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert "line 6" in caught.value.detail
    assert "`prot`" in caught.value.detail
    assert "Did you mean `port`?" in caught.value.detail


def test_codecs_and_encoders_that_the_segments_cannot_carry_are_refused(folder: Path) -> None:
    _write(folder, "[transcoding]\ncodecs = ['h264', 'av1']\n")
    with pytest.raises(ConfigurationError, match=r'^\[transcoding\].*av1.*segment_format = "fmp4"'):
        load()
    _write(folder, "[transcoding]\nsegment_format = 'fmp4'\nencoder = 'nvenc'\n")
    with pytest.raises(ConfigurationError, match=r'^\[transcoding\].*encoder = "software"'):
        load()
    _write(folder, "[transcoding]\ncodecs = ['hevc']\nsegment_format = 'fmp4'\n")
    with pytest.raises(ConfigurationError, match=r"transcoding\.codecs.*must name h264"):
        load()
    _write(folder, "[transcoding]\ncodecs = ['av1', 'h264']\nsegment_format = 'fmp4'\n")
    assert load().settings.transcoding.codecs == ("h264", "av1")


def test_a_misspelt_section_is_named_with_its_line(folder: Path) -> None:
    _write(folder, "\n[pubic]\nport = 9000\n")
    with pytest.raises(ConfigurationError, match=r"line 2.*\[pubic\].*`public`"):
        load()


@pytest.mark.parametrize("variable", ["VLOG_PUBLC__PORT", "VLOG_PUBLIC__PRT", "VLOG_PORT"])
def test_a_misspelt_variable_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(ConfigurationError, match=variable):
        load()


def test_a_missing_file_that_was_named_stops_the_start(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load(folder / "nowhere.toml")


def test_broken_toml_is_explained_with_its_line(folder: Path) -> None:
    _write(folder, "[public]\nport = \n")
    with pytest.raises(ConfigurationError, match="line 2"):
        load()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[public]\nport = 70000\n", "public.port"),
        ("[public]\nport = 'many'\n", "public.port"),
        ("[transcoding]\nladder = ['999p']\n", "transcoding.ladder"),
        ("[transcoding]\nladder = []\n", "transcoding.ladder"),
        ("[transcoding]\npreset = 'warp'\n", "transcoding.preset"),
        ("public = 3\n", "section"),
    ],
)
def test_a_wrong_value_is_named(folder: Path, text: str, words: str) -> None:
    _write(folder, text)
    with pytest.raises(ConfigurationError, match=words):
        load()


def test_a_password_in_a_file_is_only_for_its_owner(folder: Path) -> None:
    assert admin_password(Settings()) is None
    secret = folder / "password"
    secret.write_text("horse\n")
    settings = Settings(admin=AdminSettings(host="0.0.0.0", password_file=str(secret)))
    secret.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod"):
        admin_password(settings)
    secret.chmod(0o600)
    assert admin_password(settings) == "horse"
    secret.write_text(" \n")
    with pytest.raises(ConfigurationError, match="empty"):
        admin_password(settings)
    secret.unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        admin_password(settings)


@pytest.mark.parametrize(
    ("host", "only_here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("nas.local", False),
    ],
)
def test_loopback_is_recognised(host: str, only_here: bool) -> None:
    assert is_loopback(host) is only_here


def test_the_check_says_which_encoders_work_and_what_captions_wait_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    plain = CliRunner().invoke(app, ["config", "check"])
    assert (plain.exit_code, plain.output.count("\n")) == (0, 2)
    assert "`vlog models fetch medium`" in plain.output
    # Nothing but a Mac has it.
    monkeypatch.setenv("VLOG_TRANSCODING__ENCODER", "videotoolbox")
    found = CliRunner().invoke(app, ["config", "check"])
    assert found.exit_code == 0
    assert "videotoolbox does not work here, so the software encodes" in found.output


_SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ("", "[", "[" * 5000, '["a', "NaN", "inf", "1e400", "http://[", "٣", "9" * 5000)
    ),
)
_ANY = st.one_of(_SCALARS, st.lists(_SCALARS, max_size=3), st.just({"a": 1}))


def _as_toml(value: Any) -> str:
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    return "{a = 1}" if isinstance(value, dict) else json.dumps(value).replace("\x7f", "\\u007f")


@settings(max_examples=60)
@given(st.sampled_from(sorted(keys())), _SCALARS)
def test_any_value_in_the_environment_counts_or_is_explained(key: str, value: Any) -> None:
    variable = f"VLOG_{key.replace('.', '__')}".upper()
    text = str(value).replace("\0", "")[:60_000]
    with mock.patch.dict(os.environ, {variable: text}):
        try:
            found = load().settings
        except ConfigurationError as error:
            assert_one_sentence(error)
        else:
            _assert_usable(found)


@settings(max_examples=60)
@given(st.sampled_from(sorted(keys())), _ANY)
def test_any_value_in_the_file_counts_or_is_explained(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any
) -> None:
    section, name = keys()[key]
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(f"[{section}]\n{name} = {_as_toml(value)}\n", encoding="utf-8")
    try:
        found = load(file).settings
    except ConfigurationError as error:
        assert_one_sentence(error)
    else:
        _assert_usable(found)


def _assert_usable(settings: Settings) -> None:
    """What a start makes of them raises nothing."""
    values = settings.model_dump()
    for named in values.values():
        numbers = [value for value in named.values() if isinstance(value, int | float)]
        assert all(abs(number) < 2**63 for number in numbers)
    assert HostCheck(_nothing, settings).names
    assert content_security_policy("'self'", settings.delivery.cdn_url).isascii()
    assert rule_of(None, settings.public.embed_domains).ancestors.isascii()


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError
