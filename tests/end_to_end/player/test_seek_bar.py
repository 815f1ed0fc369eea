"""The seek bar: chapters, small pictures, and what is played most."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Route, expect

from tests.end_to_end.player.library import SECONDS, change, clock, id_of
from tests.end_to_end.player.steps import open_page, start, state, until
from tests.end_to_end.server import Server


def _with_storyboard(route: Route) -> None:
    """The watch page as it is where small pictures have been made."""
    html = route.fetch().text()
    html = re.sub(r' data-storyboard="[^"]*"', "", html)
    route.fulfill(
        body=html.replace(" data-chapters=", ' data-storyboard="/tiles/all.vtt" data-chapters='),
        content_type="text/html",
    )


def test_chapters_and_times_seek(page: Page, server: Server) -> None:
    tiles = "WEBVTT\n\n" + "\n\n".join(
        f"{clock(place * 20)} --> {clock(place * 20 + 20)}\n"
        f"/videos/harbour/thumbnail.jpg#xywh={place * 80},0,80,60"
        for place in range(2)
    )
    page.route("**/watch/harbour", _with_storyboard)
    page.route("**/tiles/all.vtt", lambda route: route.fulfill(body=tiles))
    start(page, server)
    expect(page.locator("[data-gaps] span")).to_have_count(2)
    coffee = page.locator("[data-chapter-list]").get_by_role("link", name="Coffee")
    coffee.click()
    until(page, "video.currentTime >= 20")
    expect(page.locator("[data-chapter]")).to_have_text("Coffee")
    expect(coffee).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="0:15", exact=True).click()
    until(page, "video.currentTime < 19")
    seek = page.locator("[data-seek]")
    box = seek.bounding_box()
    assert box is not None
    seek.hover(position={"x": box["width"] * 0.75, "y": 8})
    expect(page.locator("[data-tip-chapter]")).to_have_text("Coffee")
    expect(page.locator("[data-tip-time]")).to_have_text(re.compile("0:(29|30)"))
    expect(page.locator("[data-tip-picture]")).to_have_css("background-position", "-80px 0px")


def test_what_is_played_most_is_drawn_once_enough_have_watched(page: Page, server: Server) -> None:
    open_page(page, server)
    curve = page.locator("[data-heat-curve]")
    seek = page.get_by_role("slider", name="Position")
    with page.expect_response("**/heatmap"):
        seek.hover()
    expect(seek).not_to_have_attribute("aria-describedby", "player-heat-said")
    assert curve.locator("path").get_attribute("d") is None
    video_id = id_of(server, "harbour")
    replays = json.dumps([9000 if second == 25 else 100 for second in range(SECONDS)])
    change(
        server,
        "INSERT INTO video_totals (video_id, views, viewers, plays, completions, watched_ms) "
        f"VALUES ({video_id}, 5, 5, 5, 0, 0)",
        "INSERT INTO video_profiles (video_id, plays, coverage, replays, rungs, startup, stalls, "
        "stall_count, error_count, referrers) "
        f"VALUES ({video_id}, 5, '[]', '{replays}', '{{}}', '{{}}', '{{}}', 0, 0, '{{}}')",
    )
    open_page(page, server)
    before = page.locator("[data-bar]").bounding_box()
    expect(curve).to_have_css("opacity", "0")
    seek.hover()
    expect(seek).to_have_accessible_description("Played most at 25 seconds.")
    expect(curve).to_have_attribute("viewBox", "0 0 40 1")
    expect(curve).to_have_css("opacity", "1")
    assert curve.get_attribute("aria-hidden") == "true"
    assert page.locator("[data-bar]").bounding_box() == before
    path = curve.locator("path").get_attribute("d") or ""
    assert path.count("C") == SECONDS + 1
    assert " 25.5 0.080" in path
    assert not state(page, "wanted")
