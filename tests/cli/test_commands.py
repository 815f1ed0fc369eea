"""What all commands have in common: help, JSON, exit codes, completion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tests.cli.panel import Panel, typed
from tests.end_to_end.server import free_port
from vlog import __version__
from vlog.cli import app

# They print a file as it is, or run until they are stopped.
NO_JSON = {"serve", "service print"}


def _commands(group: TyperGroup, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        whole = f"{path} {name}".strip()
        if isinstance(command, TyperGroup):
            yield from _commands(command, whole)
        else:
            yield whole, command


def _all_commands() -> dict[str, Any]:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(_commands(group))


def test_every_command_that_prints_data_prints_json_and_has_help() -> None:
    commands = _all_commands()
    assert {"list", "captions put", "config show", "models fetch", "rung drop"} <= set(commands)
    for name, command in commands.items():
        options = {option for one in command.params for option in one.opts}
        assert ("--json" in options) is (name not in NO_JSON), name
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", ""), (name, parameter.name)


def test_options_that_say_which_vlog_are_the_same_everywhere() -> None:
    for name, command in _all_commands().items():
        options = {option for one in command.params for option in one.opts}
        # Who takes one of them takes them all.
        assert len({"--url", "--password-file"} & options) in (0, 2), name
        if "--url" in options:
            assert "--config" in options, name


def test_help_shows_the_commands_in_groups() -> None:
    found = typed("--help", COLUMNS="100")
    assert found.code == 0
    places = [found.out.index(words) for words in ("Run VLog", "Add videos", "Manage videos")]
    assert places == sorted(places)
    assert "Exit codes" in found.out
    assert typed("--version").out.strip() == typed("version").out.strip() == __version__
    assert typed("version", "--json").json() == {"version": __version__}


def test_what_is_typed_wrong_is_exit_code_2() -> None:
    for words in (("list", "--sort", "colour"), ("show",), ("nothing",), ("edit", "1", "--title")):
        found = typed(*words)
        assert (found.code, found.out) == (2, ""), words
        assert found.err, words


def test_a_vlog_that_does_not_answer_is_exit_code_3() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    found = typed("list", "--json", "--url", url)
    assert (found.code, found.out) == (3, "")
    assert found.err == f"VLog does not answer at {url}. Is `vlog serve` running?\n"


def test_what_fails_is_exit_code_1_and_a_sentence(panel: Panel) -> None:
    found = panel.type("show", "4711", "--json")
    assert (found.code, found.out) == (1, "")
    assert found.err == "There is no such video. It may have been removed or is not published.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_the_shell(shell: str) -> None:
    found = typed(_VLOG_COMPLETE=f"source_{shell}")
    assert found.code == 0
    assert "_VLOG_COMPLETE" in found.out
    assert f"complete_{shell}" in found.out


def _offers(*words: str) -> list[str]:
    line = " ".join(("vlog", *words))
    found = typed(_VLOG_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words)))
    assert found.err == ""
    return found.out.split()


def test_the_tab_key_offers_commands_options_and_numbers_of_videos(panel: Panel) -> None:
    [video_id] = panel.add_videos(1, title="Tab")
    assert "list" in _offers("li")
    assert "--category-from-folder" in _offers("import", "--cat")
    assert _offers("edit", "--visibility", "un") == ["unlisted"]
    assert str(video_id) in _offers("show", "--url", panel.url, "''")
    nobody = f"http://127.0.0.1:{free_port()}"
    assert _offers("show", "--url", nobody, "''") == []
