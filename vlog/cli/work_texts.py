"""Work as people read it in a terminal. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# State, number of the video, how far it is, what is made; title and reason have the rest.
WIDTHS = (9, -6, -6, 11)
_STATES = ("failed", "running", "waiting")
_KINDS = {"video": "video", "revision": "new version", "rung": "rung", "replacement": "new file"}


def sentences_of(work: dict[str, Any]) -> Iterator[str]:
    """What holds for all of it, and what is more than is listed."""
    if work["paused"]:
        yield f"All work is paused since {work['paused_since']}. `vlog resume` lets it go on."
    yield from work["problems"]
    for state in ("failed", "waiting"):
        total, listed = work[f"{state}_total"], len(work[state])
        if total > listed:
            yield f"{total} are {state}; {listed} of them are shown."
    if not any(work[kind] for kind in (*_STATES, "transcriptions", "uploads")):
        yield "There is nothing to do: every video is ready."


def rows_of(work: dict[str, Any]) -> Iterator[list[object]]:
    """A row for each thing, in the order in which a person wants to know."""
    for state in _STATES:
        for job in work[state]:
            made = job["rung"] or _KINDS[job["kind"]]
            yield _row(job, made, _reason(job))
    for job in work["transcriptions"]:
        yield _row(job, "captions", _reason_of_transcription(job))
    for upload in work["uploads"]:
        percent = 100 * upload["offset"] / max(upload["length"], 1)
        reason = "" if upload["sending"] else "Nothing comes in at the moment."
        columns = ["running" if upload["sending"] else "waiting", "-", f"{percent:.0f} %"]
        yield [*columns, "upload", upload["title"] or upload["filename"], reason]


def _row(job: dict[str, Any], made: str, reason: str) -> list[object]:
    percent = f"{job['progress_percent']:.0f} %"
    return [job["state"], job["video_id"], percent, made, job["title"], reason]


def _reason(job: dict[str, Any]) -> str:
    """Why nothing is done, or how far it is."""
    if job["state"] == "failed":
        return str(job["last_error"] or "")
    parts = [str(job["waiting_for"] or job["current_step"])]
    if job["parts_total"]:
        parts.append(f"{job['parts_done']} of {job['parts_total']} parts")
    if job["attempt"] > 1:
        parts.append(f"attempt {job['attempt']} of {job['max_attempts']}")
    if job["next_try"]:
        parts.append(f"next try {job['next_try']}")
    return _joined(*parts, *_priority(job))


def _reason_of_transcription(job: dict[str, Any]) -> str:
    if job["state"] == "failed":
        return str(job["last_error"] or "")
    return _joined(job["waiting_for"] or "", *_priority(job))


def _joined(*parts: str) -> str:
    return ", ".join(part.rstrip(".") for part in parts if part)


def _priority(job: dict[str, Any]) -> list[str]:
    return [] if job["priority"] == "normal" else [f"priority {job['priority']}"]
