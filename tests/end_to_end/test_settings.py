"""From the panel's settings to what visitors see at once, and to a program that is told."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import watched_page
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for

ACCENT = "#8a1c7c"
SHOWN = "rgb(138, 28, 124)"


@contextmanager
def _listening() -> Iterator[tuple[str, list[str]]]:
    """A receiver, and the ids of the messages that it got."""
    got: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            got.append(self.headers["webhook-id"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"thank you")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, name="receiver", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        server.server_close()


def _accent(page: Page) -> str:
    found: str = page.evaluate(
        """() => {
          const probe = document.createElement("span");
          probe.className = "link";
          document.body.append(probe);
          return getComputedStyle(probe).color;
        }"""
    )
    return found


def _change_the_look(page: Page, server: Server, folder: Path) -> None:
    page.goto(f"http://127.0.0.1:{server.admin_port}/settings")
    page.get_by_label("Title", exact=True).fill("Film club")
    page.get_by_label("The colour").fill(ACCENT)
    expect(page.get_by_label("A colour of our own")).to_be_checked()
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("status")).to_contain_text("saved")
    expect(page.locator('[data-setting="site.title"] [data-source]')).to_have_text("Set here")
    rungs = page.locator('[data-setting="transcoding.ladder"]')
    expect(rungs.locator("[data-source]")).to_have_text("Set by VLOG_TRANSCODING__LADDER")
    expect(rungs.get_by_label("480p")).to_be_disabled()
    logo = folder / "logo.png"
    source = ("-f", "lavfi", "-i", "color=red:s=300x100:d=1:r=1", "-frames:v", "1")
    subprocess.run(["ffmpeg", "-v", "error", *source, str(logo)], check=True, timeout=30)
    page.locator("input[type=file]").set_input_files(logo)
    expect(page.locator("[data-logo]")).to_be_visible()


def _add_a_webhook(page: Page, url: str, got: list[str]) -> None:
    page.get_by_role("navigation", name="System").get_by_role("link", name="Webhooks").click()
    page.get_by_label("Address").fill(url)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-secret]")).to_have_value(re.compile("^whsec_.{40,}"))
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Send a test").click()
    row = page.locator("[data-deliveries] li")
    expect(row).to_have_attribute("data-state", "delivered", timeout=20_000)
    row.locator("summary").click()
    expect(row).to_contain_text("thank you")
    row.get_by_role("button", name="again").click()
    expect(page.locator("[data-deliveries] li[data-state=delivered]")).to_have_count(
        2, timeout=20_000
    )
    assert len(got) == 2
    assert len(set(got)) == 1


def _measure(page: Page, server: Server) -> None:
    before = server.admin.get("/api/storage").json()["measured_at"]
    measure = page.get_by_role("button", name="Measure now")
    measure.click()
    wait_for(
        "another measurement",
        lambda: server.admin.get("/api/storage").json()["measured_at"] != before,
    )
    # The page is told of it; it does not look by itself.
    expect(measure).to_be_enabled(timeout=20_000)
    expect(page.get_by_role("status").first).to_contain_text("Measured on")


def test_the_panel_sets_up_the_site_while_it_runs(
    start_server: StartServer, browser: Browser, page: Page, tmp_path: Path
) -> None:
    server = start_server(VLOG_WEBHOOKS__ALLOW_PRIVATE_ADDRESSES="true")
    with watched_page(browser) as visitor, _listening() as (url, got):
        visitor.goto(f"http://127.0.0.1:{server.public_port}/")
        before = _accent(visitor)
        _change_the_look(page, server, tmp_path)
        visitor.reload()
        expect(visitor).to_have_title("Film club")
        assert (before, _accent(visitor)) == ("rgb(11, 107, 99)", SHOWN)
        mark = visitor.locator("header img")
        expect(mark).to_have_attribute("width", "96")
        wait_for("the logo", lambda: mark.evaluate("image => image.naturalWidth > 0"))
        _add_a_webhook(page, url, got)
        page.get_by_role("navigation", name="System").get_by_role("link", name="Storage").click()
        expect(page.locator("[data-part=database]")).to_be_visible(timeout=20_000)
        expect(page.locator("[data-volume]")).to_contain_text("free")
        _measure(page, server)
        page.get_by_role("navigation", name="System").get_by_role("link", name="Health").click()
        expect(page.locator('[data-finding="loops"]')).to_have_attribute("data-state", "well")
        page.get_by_role("button", name="Look through it now").click()
        expect(page.locator("[data-check]")).to_contain_text("every page can be read")
    shown = server.command("config", "show")
    assert 'title = "Film club"  # panel' in shown.stdout
