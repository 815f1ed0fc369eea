"""A person watches a clip, and the one who runs the site reads what was watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import play, watched_page
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for

PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari"
)


@pytest.fixture
def person(browser: Browser) -> Iterator[Page]:
    """A browser that does not say that it has no head."""
    with watched_page(
        browser, user_agent=PERSON, extra_http_headers={"sec-ch-ua": '"Chromium"'}
    ) as made:
        yield made


def _figures(server: Server, video_id: int) -> dict[str, Any]:
    answer = server.admin.get(f"/api/analytics/videos/{video_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _wait_for_time(page: Page, seconds: float) -> None:
    page.wait_for_function(
        "seconds => document.querySelector('[data-player] [data-video]').currentTime >= seconds",
        arg=seconds,
        timeout=60_000,
    )


def _watch_two_parts(page: Page) -> None:
    """Some seconds at the start and some after a jump; nothing of what lies between."""
    play(page)
    _wait_for_time(page, 4)
    page.evaluate("document.querySelector('[data-video]').currentTime = 20")
    _wait_for_time(page, 24)
    page.evaluate("document.querySelector('[data-video]').pause()")


def test_what_a_person_watches_is_what_the_panel_shows(
    start_server: StartServer, browser: Browser, person: Page, footage: Path
) -> None:
    server = start_server()
    video_id = server.upload(footage, title="Watched").json()["id"]
    video = server.wait_until(video_id, "ready")
    site = f"http://127.0.0.1:{server.public_port}"
    person.goto(f"{site}{video['watch_url']}")
    _watch_two_parts(person)
    person.goto(f"{site}/")
    seen = wait_for(
        "the end of the viewing",
        lambda: (found := _figures(server, video_id))["total_watch_time_seconds"] > 7 and found,
        20,
    )
    # Where one begins to count a jump loses at most a quarter of a second on each side.
    assert 7.2 <= seen["total_watch_time_seconds"] <= 9.5
    assert (seen["total_plays"], seen["total_views"], seen["unique_viewers"]) == (1, 0, 0)
    retention = seen["retention"]
    assert min(retention[:3]) > 90
    assert retention[6:20] == [0.0] * 14
    assert min(retention[21:24]) > 90
    assert retention[26:] == [0.0] * (len(retention) - 26)
    assert 0 < seen["startup_ms"]["p50"] < 60_000
    assert sum(q["percentage"] for q in seen["quality_breakdown"]) == pytest.approx(100, abs=0.1)
    # It goes on where it was before: ten seconds make a view.
    person.goto(f"{site}{video['watch_url']}?t=0")
    play(person)
    person.evaluate("document.querySelector('[data-video]').playbackRate = 2")
    _wait_for_time(person, 11)
    person.goto(f"{site}/")
    wait_for("the view", lambda: _figures(server, video_id)["total_views"] == 1, 20)
    person.reload()
    expect(person.get_by_text("1 view").first).to_be_visible()
    _the_panel_shows_it(server, browser, video_id)


def _the_panel_shows_it(server: Server, browser: Browser, video_id: int) -> None:
    admin = f"http://127.0.0.1:{server.admin_port}"
    seen = _figures(server, video_id)
    with watched_page(browser, user_agent=PERSON) as page:
        page.goto(f"{admin}/analytics")
        expect(page.get_by_role("link", name="Analytics")).to_have_attribute("aria-current", "page")
        expect(page.locator("[data-figure=total_views]")).to_have_text("1")
        expect(page.locator("[data-figure=unique_viewers]")).to_have_text("1")
        expect(page.locator("[data-figure=views_today]")).to_have_text("1")
        expect(page.locator("[data-chart=views] canvas")).to_be_visible()
        expect(page.locator("[data-trend] tbody tr").first).to_contain_text("1")
        assert page.locator("[style]").count() == 0 or page.evaluate(_STYLES_ARE_OURS)
        page.get_by_role("link", name="Watched").click()
        page.wait_for_url(f"**/analytics/videos/{video_id}")
        expect(page.locator("[data-figure=total_views]")).to_have_text("1")
        expect(page.locator("[data-chart=retention] canvas")).to_be_visible()
        second = page.locator("[data-retention] tbody tr").nth(1)
        expect(second).to_contain_text("0:01")
        expect(second).to_contain_text("100%")
        # The preview counts nothing, nor does the site in a browser that was here.
        page.goto(f"{admin}/videos/{video_id}")
        play(page)
        _wait_for_time(page, 1)
        with page.expect_response("**/api/analytics/session") as began:
            page.goto(f"http://127.0.0.1:{server.public_port}/watch/watched")
            play(page)
        assert began.value.json()["session_token"] is None
    after = _figures(server, video_id)
    assert after["total_plays"] == seen["total_plays"] == 2


# What uPlot places by script is no style of the HTML; the policy would have refused that.
_STYLES_ARE_OURS = """() => [...document.querySelectorAll('[style]')]
  .every((element) => element.closest('.uplot') || element.hasAttribute('x-show'))"""
