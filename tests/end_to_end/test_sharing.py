"""Playlists and private videos, as the admin makes them and visitors meet them."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.conftest import MakeSource
from tests.end_to_end.browser import play, player_state, watched_page
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for


def _order(server: Server) -> list[str]:
    found = server.public.get("/api/playlists/my-course")
    return [video["title"] for video in found.json()["videos"]] if found.is_success else []


def test_a_playlist_is_made_with_the_keyboard_and_a_private_video_shared(
    start_server: StartServer, browser: Browser, page: Page, make_source: MakeSource
) -> None:
    server = start_server()
    clip = make_source("short.mp4", seconds=3, size="160x90")
    ids = {
        name: server.upload(clip, title=name).json()["id"] for name in ("First", "Second", "Third")
    }
    for video_id in ids.values():
        server.wait_until(video_id, "ready")
    _makes_a_playlist(server, page)
    _watches_in_it(server, page)
    _shares(server, browser, page, ids["Second"])


def _makes_a_playlist(server: Server, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{server.admin_port}/playlists")
    page.get_by_label("Title").fill("My course")
    page.keyboard.press("Enter")
    page.wait_for_url("**/playlists/1")
    for name in ("First", "Second", "Third"):
        page.get_by_role("button", name=f"Add {name}").click()
        expect(page.locator("[data-order]").get_by_role("link", name=name)).to_be_visible()
    up = page.get_by_role("button", name="Move Third up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-news]")).to_have_text("Third is number 2 of 3 now.")
    # The focus goes with the row, so that the key can be pressed again.
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    wait_for("the new order", lambda: _order(server) == ["Third", "First", "Second"], 10)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Take First out of the playlist").click()
    wait_for("the video to be out", lambda: _order(server) == ["Third", "Second"], 10)


def _watches_in_it(server: Server, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{server.public_port}/playlist/my-course")
    page.get_by_role("link", name="Play all").click()
    page.wait_for_url("**/watch/third?list=my-course")
    page.locator("[data-playlist] a[rel=next]").click()
    page.wait_for_url("**/watch/second?list=my-course")
    expect(page.locator("[data-playlist] [aria-current]")).to_contain_text("Second")
    expect(page.locator("[data-playlist] a[rel=next]")).to_have_count(0)


def _shares(server: Server, browser: Browser, page: Page, video_id: int) -> None:
    page.goto(f"http://127.0.0.1:{server.admin_port}/videos/{video_id}")
    page.get_by_role("radio", name="Private").check()
    page.get_by_role("button", name="Save changes").click()
    wait_for("it to be private", lambda: server.video(video_id)["visibility"] == "private", 10)
    page.get_by_label("For whom").fill("Ada")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("textbox", name="Ada").input_value()
    assert link.startswith(f"http://127.0.0.1:{server.public_port}/watch/second?key=")
    assert server.public.get("/watch/second").status_code == 404
    assert _order(server) == ["Third"]
    with watched_page(browser) as guest:
        guest.goto(link)
        play(guest)
        wait_for("the picture to move", lambda: player_state(guest).get("time", 0) > 0.3, 30)
        # The rest of the site still does not know it.
        guest.goto(f"http://127.0.0.1:{server.public_port}/")
        expect(guest.get_by_role("link", name="Third")).to_be_visible()
        expect(guest.get_by_role("link", name="Second")).to_have_count(0)
    page.get_by_role("button", name="Revoke the link Ada").click()
    expect(page.get_by_role("textbox", name="Ada")).to_have_count(0)
    assert server.public.get(link).status_code == 404
