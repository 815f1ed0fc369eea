"""A video as people read it in a terminal. Pure functions."""

from __future__ import annotations

import textwrap
from typing import Any

from vlog.sizes import readable_size

_WIDTH = 88


def state_of(video: dict[str, Any]) -> str:
    """The status, and how far the work is while it goes on."""
    status: str = video["status"]
    if status in ("ready", "failed"):
        return status
    return f"{status} {video['progress_percent']:.0f} %"


def length_of(video: dict[str, Any]) -> str:
    """3723.4 seconds as 1:02:03; a dash where nobody knows them yet."""
    if video["duration"] is None:
        return "-"
    hours, rest = divmod(int(video["duration"]), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def details_of(video: dict[str, Any], address: str) -> str:
    """Everything, a line for each fact, and the description below."""
    facts = {
        "Number": str(video["id"]),
        "Address": address,
        "State": state_of(video),
        "Who": _audience(video),
        "Length": length_of(video),
        "Category": video["category_name"] or "-",
        "Tags": ", ".join(tag["name"] for tag in video["tags"]) or "-",
        "Spoken": video["language"] or "found out by itself",
        "Captions": video["transcription_status"],
        "Qualities": ", ".join(one["quality"] for one in video["qualities"]) or "none yet",
        "Original": _original(video),
        "Came in": video["created_at"],
    }
    if video["views"] is not None:
        facts["Views"] = str(video["views"])
    lines = [video["title"], *(f"  {name:<10} {fact}" for name, fact in facts.items())]
    for key in ("error_message", "notice"):
        if video[key]:
            lines += ["", *textwrap.wrap(video[key], _WIDTH)]
    if video["description"]:
        lines += ["", video["description"]]
    return "\n".join(lines)


def _audience(video: dict[str, Any]) -> str:
    visibility: str = video["visibility"]
    if visibility == "scheduled":
        return f"public from {video['published_at']} on"
    return visibility


def _original(video: dict[str, Any]) -> str:
    size = "" if video["source_size"] is None else f", {readable_size(video['source_size'])}"
    kept = "there" if video["source_present"] else "removed"
    return f"{video['source_filename']}{size}, {kept}"
