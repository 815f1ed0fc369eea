"""The player on pages of other sites: how they drive it, and which of them may show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import play
from tests.end_to_end.player.library import change, id_of
from tests.end_to_end.player.steps import open_page, site, state, until, visitor
from tests.end_to_end.server import Server, wait_for

REFUSALS = "frame-ancestors|403|422|CORS|ERR_FAILED|ERR_BLOCKED"


@contextmanager
def _other_site(html: str) -> Iterator[int]:
    """A site with one page on all names of this machine; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, name="other site")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(5)


def test_other_pages_show_and_drive_the_player(browser: Browser, server: Server) -> None:
    answer = server.public.get("/oembed", params={"url": f"{site(server)}/watch/harbour"}).json()
    assert (answer["type"], answer["width"], answer["height"]) == ("video", 640, 480)
    assert server.public.get("/oembed?url=http://else.where/watch/x").status_code == 404
    html = answer["html"].replace("/embed/harbour", "/embed/harbour?start=0:12&muted=1&loop=1")
    whole_page = f"<iframe name=whole src={site(server)}/watch/harbour></iframe>"
    host = f"<!doctype html><title>Host</title>{html}{whole_page}"
    with visitor(browser, complaints="frame-ancestors") as (_, page), _other_site(host) as port:
        page.goto(f"http://localhost:{port}/")
        page.evaluate(
            """() => {
              window.told = [];
              window.addEventListener("message", ({ data }) => window.told.push(data));
              window.ask = (vlog, value) => frames[0].postMessage({ vlog, value }, "*");
            }"""
        )
        page.wait_for_function(
            "() => { ask('state'); return told.some(({ vlog }) => vlog === 'state'); }"
        )
        page.evaluate("() => ask('play')")
        page.wait_for_function("() => told.at(-1).state.time > 12.2")
        last = page.evaluate("() => told.at(-1).state")
        assert (last["slug"], last["muted"], last["paused"]) == ("harbour", True, False)
        page.evaluate("() => { ask('pause'); ask('seek', 30); ask('constructor', 1); }")
        page.wait_for_function("() => told.at(-1).state.paused && told.at(-1).state.time === 30")
        # Every other page stays out of frames.
        whole = page.frame("whole")
        assert whole is not None
        assert whole.locator("[data-player]").count() == 0


def test_only_chosen_sites_show_a_video(browser: Browser, server: Server) -> None:
    host = (
        "<!doctype html><title>Host</title>"
        f"<iframe name=player src='{site(server)}/embed/afterwards?muted=1' width=640 height=360>"
    )
    path = f"/api/videos/{id_of(server, 'afterwards')}"
    with visitor(browser, complaints=REFUSALS) as (_, page), _other_site(host) as port:
        _choose_sites(page, server, f"127.0.0.1:{port}")
        assert server.admin.get(path).json()["embed_domains"] == [f"127.0.0.1:{port}"]
        try:
            page.goto(f"http://127.0.0.1:{port}/")
            frame = page.frame_locator("iframe")
            frame.locator("[data-big]").click()
            inside = page.frame("player")
            assert inside is not None
            inside.wait_for_function(
                "() => document.querySelector('[data-player]').vlogPlayer.video.currentTime > 0.1"
            )
            master = inside.locator("[data-player]").get_attribute("data-src") or ""
            assert "/key/" in master
            # The same page under the other name of this machine is another site.
            page.goto(f"http://localhost:{port}/")
            expect(frame.get_by_role("heading", name="Not shown on this page")).to_be_visible()
            link = frame.get_by_role("link", name="Watch it there")
            expect(link).to_have_attribute("href", f"{site(server)}/watch/afterwards")
            segment = master.replace("master.m3u8", "144p_0000.ts")
            for file in (master, segment):
                for mode in ("cors", "no-cors"):
                    assert _answer_to(page, site(server) + file, mode) == 403, (file, mode)
            assert _answer_to(page, f"{site(server)}/videos/harbour/master.m3u8", "cors") == 200
        finally:
            server.admin.put(path, json={"embed_domains": None})


def _choose_sites(page: Page, server: Server, *sites: str) -> None:
    """As the admin does in the panel."""
    page.goto(f"http://127.0.0.1:{server.admin_port}/videos/{id_of(server, 'afterwards')}")
    section = page.get_by_role("region", name="Where it may be embedded")
    section.get_by_role("radio", name="On these sites alone").check()
    section.get_by_label("Sites, one a line").fill("no site!")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("alert")).to_contain_text("is not the name of a site")
    section.get_by_label("Sites, one a line").fill("\n".join(sites))
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("status")).to_have_text("Saved")


def _answer_to(page: Page, address: str, mode: str) -> int:
    """The status that a script of the page gets for an address."""
    with page.expect_response(address) as answer:
        page.evaluate(
            "([address, mode]) => { fetch(address, { mode }).catch(() => {}); }", [address, mode]
        )
    return answer.value.status


def test_a_player_whose_address_has_expired_gets_another(browser: Browser, server: Server) -> None:
    path = f"/api/videos/{id_of(server, 'harbour')}"
    server.admin.put(path, json={"embed_domains": []})
    try:
        with visitor(browser, complaints="403") as (_, page):
            open_page(page, server)
            first = state(page, "source")
            # No key of before is one of this installation any more.
            change(server, "DELETE FROM secrets WHERE name = 'media keys'")
            wait_for("the old key to end", lambda: server.public.get(first).status_code == 403)
            play(page)
            until(page, "video.currentTime > 0.5")
            assert state(page, "source") != first
            assert state(page, "failure") is None
    finally:
        server.admin.put(path, json={"embed_domains": None})
