"""What is in the videos that the tests of the player watch."""

from __future__ import annotations

from contextlib import closing
from sqlite3 import connect

from tests.end_to_end.server import Server, wait_for

SECONDS = 40
LINES = [
    "The first boats leave before it is light.",
    "Somebody sings on the quay.",
    "Ropes are coiled and the boats are counted.",
    "Coffee at last.",
]
LINE_SECONDS = SECONDS / len(LINES)
DESCRIPTION = "0:00 The quay\n0:10 Boats\n0:20 Coffee\n\nThe gull is at 0:15."


def write_transcripts(server: Server, video_id: int) -> None:
    """Give a video its lines in English, as if heard, and in French."""
    for language, name in (("en", ""), ("fr", "Français")):
        cues = [
            f"{clock(place * LINE_SECONDS)} --> {clock((place + 1) * LINE_SECONDS)}\n"
            f"{line} ({language})"
            for place, line in enumerate(LINES)
        ]
        answer = server.admin.post(
            f"/api/videos/{video_id}/transcripts",
            params={"language": language, "name": name},
            content="\n\n".join(["WEBVTT", *cues]) + "\n",
            headers={"content-type": "text/vtt"},
        )
        assert answer.status_code == 201, answer.text
    change(server, "UPDATE transcriptions SET origin = 'automatic' WHERE language = 'en'")
    wait_for(
        "the files of the captions",
        lambda: server.query("SELECT sum(has_files) FROM transcriptions") == [(2,)],
    )


def clock(seconds: float) -> str:
    """15 -> 00:15.000, as WebVTT writes it."""
    return f"00:{seconds % 60:06.3f}"


def change(server: Server, *statements: str) -> None:
    """Change rows in one transaction, past a server that runs."""
    with closing(connect(server.database, timeout=10)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            connection.execute(statement)


def id_of(server: Server, slug: str) -> int:
    """The id of a video."""
    ((found,),) = server.query("SELECT id FROM videos WHERE slug = ?", slug)
    return int(found)
