"""Commands about videos, typed at a real panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.panel import Panel
from tests.conftest import MakeSource
from vlog.database.types import now


def _api(panel: Panel, path: str) -> Any:
    answer = httpx.get(panel.url + path)
    assert answer.status_code == 200
    return answer.json()


def test_the_list_goes_through_all_pages(panel: Panel) -> None:
    made = panel.add_videos(130, title="Page")
    found = panel.type("list", "--json", "--search", "Page", "--sort", "oldest")
    assert [video["id"] for video in found.lines()] == made
    assert found.lines()[0] == _api(panel, f"/api/videos/{made[0]}")
    few = panel.type("list", "--search", "Page", "-n", "2", "--sort", "oldest").out
    assert few == f"{made[0]}\tready\t-\tpublic\tPage\n{made[1]}\tready\t-\tpublic\tPage\n"
    assert panel.type("list", "--search", "nowhere", "--json").out == ""


def test_filters_of_the_list(panel: Panel) -> None:
    panel.type("categories", "add", "Räder")
    [one, other] = panel.add_videos(2, title="Filter")
    panel.type("edit", str(one), "--category", "räder", "--tag", "Berg", "--tag", "Tal")
    panel.add_videos(1, title="Filter", status="failed")
    for words in (
        ("--category", "Räder"),
        ("--tag", "berg"),
        ("--status", "ready", "--sort", "oldest", "-n", "1"),
    ):
        found = panel.type("list", "--json", "--search", "Filter", *words)
        assert [video["id"] for video in found.lines()] == [one], words
    failed = panel.type("list", "--json", "--search", "Filter", "--status", "failed").lines()
    assert [video["status"] for video in failed] == ["failed"]
    assert panel.type("list", "--category", "none").code == 1
    assert other not in [
        video["id"] for video in panel.type("list", "--json", "--tag", "Berg").lines()
    ]


def test_a_video_is_shown_as_facts_and_as_the_api_has_it(panel: Panel) -> None:
    [video_id] = panel.add_videos(
        1, title="Facts", description="Two\nlines", duration=3723.4, error_message="It broke."
    )
    assert panel.type("show", str(video_id), "--json").json() == _api(
        panel, f"/api/videos/{video_id}"
    )
    shown = panel.type("show", str(video_id)).out
    for words in ("Facts\n", "1:02:03", "found out by itself", "It broke.", "Two\nlines"):
        assert words in shown


def test_editing_changes_what_is_given_and_nothing_else(panel: Panel) -> None:
    [video_id] = panel.add_videos(1, title="Edit", description="stays")
    words = ["--title", "Edited", "--tag", "one", "--tag", "two", "--language", "eng"]
    found = panel.type("edit", str(video_id), *words, "--keep-original", "--json").json()
    assert (found["title"], found["description"]) == ("Edited", "stays")
    assert (found["language"], found["keep_original"]) == ("en", True)
    assert [tag["name"] for tag in found["tags"]] == ["one", "two"]
    more = ["--add-tag", "three", "--remove-tag", "ONE", "--language", "", "--drop-original"]
    found = panel.type("edit", str(video_id), *more, "--json").json()
    assert [tag["name"] for tag in found["tags"]] == ["three", "two"]
    assert (found["language"], found["keep_original"]) == (None, False)
    planned = panel.type(
        "edit", str(video_id), "--publish-at", "2199-01-31T18:00Z", "--json"
    ).json()
    assert (planned["visibility"], planned["published_at"]) == (
        "scheduled",
        "2199-01-31T18:00:00Z",
    )
    assert panel.type("edit", str(video_id)).code == 2
    assert panel.type("edit", str(video_id), "--publish-at", "soon").code == 2
    refused = panel.type("edit", str(video_id), "--language", "klingon")
    assert refused.code == 1
    assert "no speech recognition" in refused.err


def test_deleting_asks_and_goes_on_after_a_failure(panel: Panel) -> None:
    first, second, third = panel.add_videos(3, title="Delete")
    kept = panel.type("delete", str(first), answer="n\n")
    assert kept.code == 1
    assert panel.type("show", str(first)).code == 0
    found = panel.type("delete", str(first), "999999", str(second), "--yes", "--json")
    assert found.code == 1
    assert [one["id"] for one in found.lines()] == [first, second]
    assert "999999: There is no such video" in found.err
    assert panel.type("show", str(first)).code == panel.type("show", str(second)).code == 1
    last = panel.type("delete", str(third), answer="y\n").out
    assert last.endswith("“Delete” was moved to the trash.\n")


def test_opening_starts_a_browser_with_the_address_on_the_site(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    [video_id] = panel.add_videos(1, title="Open")
    monkeypatch.setenv("VLOG_PUBLIC__BASE_URL", "https://video.example.org/")
    found = panel.type("open", str(video_id), "--json").json()
    assert opened == [found["url"]]
    assert found["url"].startswith("https://video.example.org/watch/open-0-")
    panel.type("open", str(video_id), "--panel")
    assert opened[1] == f"{panel.url}/videos/{video_id}"


def test_an_upload_says_everything_of_its_video(panel: Panel, make_source: MakeSource) -> None:
    clip = make_source("second.mp4", seconds=1, size="160x90")
    words = ["--title", "Told", "--tag", "a", "--language", "de", "--keep-original", "--draft"]
    found = panel.type("upload", str(clip), *words, "--json").json()
    assert (found["title"], found["visibility"], found["language"]) == ("Told", "private", "de")
    assert found["keep_original"] is True
    assert [tag["name"] for tag in found["tags"]] == ["a"]
    twice = panel.type("upload", str(clip), str(clip), "--title", "Both")
    assert twice.code == 2


def test_categories_and_tags(panel: Panel, tmp_path: Path) -> None:
    added = panel.type("categories", "add", "Wasser", "--json").json()
    assert added["slug"] == "wasser"
    assert "wasser\t0\tWasser\n" in panel.type("categories", "list").out
    assert panel.type("categories", "remove", "WASSER").code == 0
    assert "Wasser" not in panel.type("categories", "list").out
    [video_id] = panel.add_videos(1, title="Tags")
    panel.type("edit", str(video_id), "--tag", "Nur Hier")
    assert {"name": "Nur Hier", "slug": "nur-hier", "video_count": 1} in panel.type(
        "tags", "--json"
    ).lines()


def test_waiting_ends_with_what_the_videos_have_come_to(panel: Panel) -> None:
    [ready] = panel.add_videos(1, title="Wait")
    [failed] = panel.add_videos(1, title="Wait", status="failed", error_message="It broke.")
    [playable] = panel.add_videos(1, title="Wait", status="processing", playable_at=now())
    found = panel.type("wait", str(ready), str(failed), "--json")
    assert found.code == 1
    assert [video["status"] for video in found.lines()] == ["ready", "failed"]
    assert found.err == f"{failed}: It broke.\n"
    assert panel.type("wait", str(playable), "--playable").code == 0
    late = panel.type("wait", str(playable), "--timeout", "0")
    assert (late.code, late.out) == (1, "")
    assert late.err.startswith(f"{playable} is not there yet: processing")
