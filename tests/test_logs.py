"""Logs as a program and as a person get them, from a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

_SCRIPT = """
import logging, sys
from vlog.logs import configure_logging, get_logger
from vlog.settings import LoggingSettings

log = get_logger("vlog.example")
configure_logging(LoggingSettings(format=sys.argv[1], level=sys.argv[2]))
log.debug("A detail.", action="detail")
log.info("A video is ready.", action="video_ready", video_id=7)
logging.getLogger("hypercorn.error").warning("a library says %s", "hello", extra={"port": 9000})
logging.getLogger("sqlalchemy.engine").info("SELECT 1")
try:
    raise RuntimeError("the reason")
except RuntimeError:
    log.exception("A task crashed.", action="task_crashed")
"""


def _logged(form: str, level: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", _SCRIPT, form, level],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ended.stdout == ""
    return ended.stderr


def _records(level: str = "info") -> list[dict[str, Any]]:
    return [json.loads(line) for line in _logged("json", level).splitlines()]


def test_a_record_for_programs_has_action_ids_and_time() -> None:
    record = _records()[0]
    assert record["message"] == "A video is ready."
    assert record["level"] == "info"
    assert record["action"] == "video_ready"
    assert record["video_id"] == 7
    assert record["timestamp"].endswith("Z")


def test_what_libraries_log_goes_the_same_way() -> None:
    (record,) = [record for record in _records() if record["message"].startswith("a library")]
    assert record["message"] == "a library says hello"
    assert record["level"] == "warning"
    assert record["port"] == 9000


def test_an_exception_stays_in_its_record() -> None:
    record = _records()[-1]
    assert record["action"] == "task_crashed"
    assert record["exception"].endswith("RuntimeError: the reason")


@pytest.mark.parametrize(
    ("level", "actions"),
    [
        ("debug", ["detail", "video_ready", None, "task_crashed"]),
        ("info", ["video_ready", None, "task_crashed"]),
        ("warning", [None, "task_crashed"]),
        ("error", ["task_crashed"]),
    ],
)
def test_the_level_is_kept_and_chatty_libraries_are_quiet(
    level: str, actions: list[str | None]
) -> None:
    assert [record.get("action") for record in _records(level)] == actions


def test_text_for_people_has_no_colours_where_there_is_no_terminal() -> None:
    text = _logged("text", "info")
    assert "A video is ready." in text
    assert "action=video_ready" in text
    assert "RuntimeError: the reason" in text
    assert "\x1b[" not in text
