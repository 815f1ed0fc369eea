"""What a viewer does with the player: keys, fingers, menus, links, the transcript, other pages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from sqlite3 import connect
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.end_to_end.browser import play
from tests.end_to_end.conftest import StartServer
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
AXE = Path(__file__).parents[2] / "static/node_modules/axe-core/axe.min.js"
# What the machine can tell of WCAG 2.2 AA, and what its makers hold for good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PLAYER = "document.querySelector('[data-player]').vlogPlayer"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with two videos; the first has chapters and a transcript in two languages."""
    folder = tmp_path_factory.mktemp("player")
    made = Server(folder, VLOG_TRANSCODING__LADDER="240p,144p", VLOG_INGEST__WATCH="false")
    made.start()
    try:
        second = made.upload(_clip(folder / "second.mp4", 6), title="Afterwards").json()["id"]
        made.wait_until(second, "ready", 120)
        first = made.upload(
            _clip(folder / "first.mp4", SECONDS), title="Harbour", description=DESCRIPTION
        ).json()["id"]
        made.wait_until(first, "ready", 120)
        _write_transcripts(made, first)
        yield made
    finally:
        made.close()


def _clip(target: Path, seconds: int) -> Path:
    command = [
        *("ffmpeg", "-nostdin", "-v", "error", "-y"),
        *("-f", "lavfi", "-i", f"gradients=s=320x240:r=10:d={seconds},noise=alls=24:allf=t"),
        *("-f", "lavfi", "-i", f"sine=440:d={seconds}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"),
        *("-c:a", "aac", "-shortest", str(target)),
    ]
    subprocess.run(command, check=True, timeout=60)
    return target


def _write_transcripts(server: Server, video_id: int) -> None:
    for language, name in (("en", ""), ("fr", "Français")):
        cues = [
            f"{_clock(place * LINE_SECONDS)} --> {_clock((place + 1) * LINE_SECONDS)}\n"
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
    with closing(connect(server.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE transcriptions SET origin = 'automatic' WHERE language = 'en'")
    wait_for(
        "the files of the captions",
        lambda: server.query("SELECT sum(has_files) FROM transcriptions") == [(2,)],
    )


def _clock(seconds: float) -> str:
    return f"00:{seconds % 60:06.3f}"


@contextmanager
def _context(browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, Page]]:
    """A fresh visitor. A page must not complain, but for what a test says."""
    allowed: str | None = options.pop("complaints", None)
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.extend([told.text] * (told.type == "error")))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield context, page
        assert [text for text in complaints if not (allowed and re.search(allowed, text))] == []
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with _context(browser) as (_, made):
        yield made


def _open(page: Page, server: Server, path: str = "/watch/harbour") -> None:
    page.goto(f"http://127.0.0.1:{server.public_port}{path}")
    page.wait_for_function("() => document.querySelector('[data-player]')?.vlogPlayer?.controls")


def _start(page: Page, server: Server, path: str = "/watch/harbour") -> None:
    _open(page, server, path)
    play(page)
    page.wait_for_function(f"() => {PLAYER}.video.currentTime > 0.1")


def _state(page: Page, what: str) -> Any:
    return page.evaluate(f"() => {PLAYER}.{what}")


def _until(page: Page, what: str) -> None:
    page.wait_for_function(f"() => {PLAYER}.{what}")


def _press(page: Page, key: str, said: str) -> None:
    """Press a key with nothing focused; what it did is told to the eye and to the ear."""
    page.keyboard.press(key)
    expect(page.locator("[data-player] [data-live]")).to_have_text(re.compile(said))
    expect(page.locator("[data-player] [data-mark]")).not_to_have_text("")


def test_keys_work_without_focus_and_not_in_fields(page: Page, server: Server) -> None:
    _start(page, server)
    page.evaluate("() => document.activeElement.blur()")
    _press(page, "k", "Paused")
    assert _state(page, "video.paused")
    _press(page, "5", "50%")
    assert _state(page, "place") == pytest.approx(20, abs=0.5)
    _press(page, "l", "0:30")
    _press(page, "j", "0:20")
    _press(page, "ArrowRight", "0:25")
    _press(page, "ArrowLeft", "0:20")
    before = _state(page, "place")
    _press(page, ".", "Next frame")
    assert _state(page, "place") == pytest.approx(before + 0.1, abs=0.02)
    _press(page, ",", "Previous frame")
    _press(page, "Control+ArrowLeft", "Boats")
    assert _state(page, "place") == pytest.approx(10, abs=0.1)
    _press(page, "Control+ArrowRight", "Coffee")
    _press(page, ">", "Speed 1.25")
    _press(page, "<", "Speed 1$")
    _press(page, "m", "Sound on")
    _press(page, "ArrowDown", "Volume 95%")
    _press(page, "ArrowUp", "Volume 100%")
    _press(page, "m", "Muted")
    _press(page, "c", "Captions: English")
    _press(page, "c", "Captions off")
    _press(page, "t", "Theatre mode$")
    expect(page.locator("[data-watch]")).to_have_attribute("data-theatre", "")
    page.keyboard.press("Escape")
    expect(page.locator("[data-watch]")).not_to_have_attribute("data-theatre", "")
    _press(page, "Home", "Start")
    assert _state(page, "place") == 0
    _press(page, " ", "Playing")
    _press(page, " ", "Paused")
    page.get_by_role("combobox", name="Search videos").focus()
    page.keyboard.type("km5")
    assert _state(page, "video.paused")
    assert _state(page, "place") < 1


def test_help_keeps_the_focus_and_gives_it_back(page: Page, server: Server) -> None:
    _open(page, server)
    settings = page.get_by_role("button", name="Settings")
    settings.focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Tab")
        inside = "() => !document.hasFocus() || document.activeElement === document.body ||"
        assert page.evaluate(f"{inside} !!document.activeElement.closest('dialog')")
    dialog.get_by_label("Keys work everywhere on the page").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(settings).to_be_focused()
    # Switched off, single keys only count in the player.
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("k")
    assert _state(page, "video.paused")
    settings.focus()
    page.keyboard.press("k")
    _until(page, "video.currentTime > 0.1")


def test_menus_choose_and_remember(page: Page, server: Server) -> None:
    _start(page, server)
    settings, menu = page.get_by_role("button", name="Settings"), page.locator("[data-menu]")
    settings.click()
    expect(menu.locator("[data-page=quality]")).to_contain_text(re.compile(r"Auto \(\d+p\)"))
    menu.get_by_role("button", name="Quality").click()
    menu.get_by_role("radio", name="144p", exact=True).check()
    _until(page, "quality === '144p'")
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Quality")).to_be_focused()
    menu.get_by_role("button", name="Speed").click()
    menu.get_by_role("radio", name="1.5×").check()
    assert _state(page, "video.playbackRate") == 1.5
    menu.get_by_role("button", name="Back to all settings").click()
    menu.get_by_role("button", name="Captions").click()
    menu.get_by_role("radio", name="English (automatic)").check()
    menu.get_by_role("radio", name="Very large").check()
    menu.get_by_role("radio", name="Half dark").check()
    expect(page.locator("[data-captions]")).to_contain_text("boats")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(settings).to_be_focused()
    # Full screen: the menus are inside, and Esc closes the menu first.
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement?.matches('[data-player]')")
    settings.click()
    expect(menu.get_by_role("button", name="Quality")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert page.evaluate("() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    _start(page, server)
    expect(page.locator("[data-player]")).to_have_attribute("data-caption-size", "huge")
    expect(page.locator("[data-captions]")).to_contain_text("boats")


def test_sound_tracks_can_be_chosen(page: Page, server: Server) -> None:
    def with_a_second(route: Route) -> None:
        master = route.fetch().text()
        first = next(line for line in master.splitlines() if "TYPE=AUDIO" in line)
        second = first.replace('NAME="Sound"', 'NAME="Français",LANGUAGE="fr"')
        second = second.replace("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=NO,AUTOSELECT=NO")
        route.fulfill(body=master.replace(first, f"{first}\n{second}"))

    page.route("**/master.m3u8", with_a_second)
    _start(page, server)
    assert page.evaluate("() => navigator.mediaSession.metadata.title") == "Harbour"
    page.get_by_role("button", name="Settings").click()
    page.locator("[data-page=sound]").click()
    expect(page.get_by_role("radio", name="Sound", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Français").check()
    _until(page, "sound === 1")
    # A master that is loaded anew keeps the choice, and the place.
    place = _state(page, "place")
    page.evaluate(f"() => {PLAYER}.reload()")
    _until(page, f"reloads === 1 && {PLAYER}.video.currentTime > {place} && {PLAYER}.sound === 1")


def test_fingers_skip_and_hold(browser: Browser, server: Server) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with _context(browser, **phone) as (context, page):
        _start(page, server)
        box = page.locator("[data-video]").first.bounding_box()
        assert box is not None
        right, middle = box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.3
        at = _state(page, "place")
        page.touchscreen.tap(right, middle)
        page.touchscreen.tap(right, middle)
        expect(page.locator("[data-mark]")).to_have_text("+10 s")
        assert _state(page, "place") >= at + 9
        _until(page, "video.readyState >= 3")
        assert not _state(page, "video.paused")
        touch = context.new_cdp_session(page)
        point = [{"x": right, "y": middle}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point})
        _until(page, "video.playbackRate === 2")
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        _until(page, "video.playbackRate === 1")


@pytest.mark.parametrize(("wish", "seconds"), [("12", 12), ("0m15s", 15), ("0:18", 18)])
def test_links_begin_where_they_say(page: Page, server: Server, wish: str, seconds: int) -> None:
    _open(page, server, f"/watch/harbour?t={wish}")
    expect(page.locator("[data-now]")).to_have_text(f"0:{seconds}")
    play(page)
    _until(page, "video.currentTime > 1")
    assert seconds <= _state(page, "video.currentTime") < seconds + 5


def test_goes_on_where_the_viewer_left_and_cards_show_it(page: Page, server: Server) -> None:
    _start(page, server)
    page.keyboard.press("3")
    page.keyboard.press("k")
    _until(page, "video.seeking === false")
    _open(page, server)
    expect(page.locator("[data-note]")).to_contain_text("Goes on at 0:12")
    play(page)
    _until(page, "video.currentTime > 12")
    page.goto(f"http://127.0.0.1:{server.public_port}/")
    expect(
        page.locator("[data-cards] .card", has_text="Harbour").locator(".card-watched")
    ).to_contain_text(re.compile(r"\d+% watched"))
    # Nearly seen to the end: it begins anew, and the card says that it was watched.
    page.evaluate("() => localStorage.setItem('vlog.places', '{\"harbour\":[39,40,1]}')")
    _open(page, server)
    expect(page.locator("[data-now]")).to_have_text("0:00")
    page.goto(f"http://127.0.0.1:{server.public_port}/")
    expect(
        page.locator("[data-cards] .card", has_text="Harbour").locator(".card-watched")
    ).to_have_text("Watched")


def test_the_transcript_follows_finds_and_seeks(browser: Browser, server: Server) -> None:
    with _context(browser, permissions=["clipboard-read", "clipboard-write"]) as (_, page):
        _start(page, server)
        panel = page.get_by_role("region", name="Transcript")
        lines = panel.locator("[data-lines] a")
        expect(lines).to_have_count(len(LINES))
        expect(lines.nth(0)).to_have_attribute("aria-current", "true")
        lines.nth(2).click()
        _until(page, "video.currentTime >= 20")
        expect(lines.nth(2)).to_have_attribute("aria-current", "true")
        lines.nth(2).focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        _until(page, "video.currentTime < 19")
        assert _state(page, "video.currentTime") >= LINE_SECONDS
        lines.nth(1).hover()
        panel.get_by_role("button", name="Copy link at this line").click()
        expect(panel.locator("[data-transcript-said]")).to_have_text("Link copied.")
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied.endswith("/watch/harbour?t=10")
        panel.locator("[data-lines]").hover()
        page.mouse.wheel(0, 40)
        follow = panel.get_by_role("button", name="Follow along")
        follow.click()
        expect(follow).to_be_hidden()
        panel.get_by_role("searchbox").fill("BOATS")
        expect(panel.locator("[data-find-count]")).to_have_text("1 of 2")
        page.keyboard.press("Enter")
        expect(panel.locator("[data-find-count]")).to_have_text("2 of 2")
        expect(lines.nth(2)).to_have_attribute("data-match-here", "")
        panel.get_by_role("link", name="Français").click()
        expect(lines.nth(0)).to_contain_text("(fr)")


def _with_storyboard(route: Route) -> None:
    """The watch page as it is where small pictures have been made."""
    html = route.fetch().text()
    route.fulfill(
        body=html.replace(" data-chapters=", ' data-storyboard="/tiles/all.vtt" data-chapters='),
        content_type="text/html",
    )


def test_chapters_and_times_seek(page: Page, server: Server) -> None:
    tiles = "WEBVTT\n\n" + "\n\n".join(
        f"{_clock(place * 20)} --> {_clock(place * 20 + 20)}\n"
        f"/videos/harbour/thumbnail.jpg#xywh={place * 80},0,80,60"
        for place in range(2)
    )
    page.route("**/watch/harbour", _with_storyboard)
    page.route("**/tiles/all.vtt", lambda route: route.fulfill(body=tiles))
    _start(page, server)
    expect(page.locator("[data-gaps] span")).to_have_count(2)
    page.locator("[data-chapter-list]").get_by_role("link", name="Coffee").click()
    _until(page, "video.currentTime >= 20")
    expect(page.locator("[data-chapter]")).to_have_text("Coffee")
    page.get_by_role("link", name="0:15", exact=True).click()
    _until(page, "video.currentTime < 19")
    seek = page.locator("[data-seek]")
    box = seek.bounding_box()
    assert box is not None
    seek.hover(position={"x": box["width"] * 0.75, "y": 8})
    expect(page.locator("[data-tip-chapter]")).to_have_text("Coffee")
    expect(page.locator("[data-tip-time]")).to_have_text(re.compile("0:(29|30)"))
    expect(page.locator("[data-tip-picture]")).to_have_css("background-position", "-80px 0px")


def test_the_next_video_waits_and_can_be_stopped(page: Page, server: Server) -> None:
    _start(page, server)
    page.keyboard.press("End")
    _until(page, "video.ended")
    expect(page.locator("[data-next]")).to_be_hidden()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Play the next video").check()
    page.keyboard.press("Escape")
    _play_to_the_end_again(page)
    page.keyboard.press("Escape")
    expect(page.locator("[data-next]")).to_be_hidden()
    _play_to_the_end_again(page)
    page.get_by_role("button", name="Play now").click()
    page.wait_for_url("**/watch/afterwards")


def _play_to_the_end_again(page: Page) -> None:
    page.keyboard.press("9")
    _until(page, "video.ended === false")
    page.keyboard.press("k")
    _until(page, "video.paused === false")
    page.keyboard.press("End")
    expect(page.locator("[data-next-text]")).to_contain_text("Next in")


def test_share_gives_a_link_with_the_time(browser: Browser, server: Server) -> None:
    with _context(browser, permissions=["clipboard-read", "clipboard-write"]) as (_, page):
        _open(page, server, "/watch/harbour?t=14")
        page.get_by_role("button", name="Share").click()
        sheet = page.get_by_role("dialog", name="Share")
        sheet.get_by_role("button", name="Copy").first.click()
        expect(sheet.get_by_role("status")).to_have_text("Copied.")
        assert page.evaluate("() => navigator.clipboard.readText()").endswith("/harbour?t=14")
        sheet.get_by_label("Start at 0:14").uncheck()
        expect(sheet.get_by_label("Link", exact=True)).to_have_value(re.compile(r"/watch/harbour$"))


@contextmanager
def _other_site(html: str) -> Iterator[str]:
    """A site of another origin with one page."""

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
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join(5)


def test_other_pages_show_and_drive_the_player(browser: Browser, server: Server) -> None:
    site = f"http://127.0.0.1:{server.public_port}"
    answer = server.public.get("/oembed", params={"url": f"{site}/watch/harbour"}).json()
    assert (answer["type"], answer["width"], answer["height"]) == ("video", 640, 480)
    assert server.public.get("/oembed?url=http://else.where/watch/x").status_code == 404
    html = answer["html"].replace("/embed/harbour", "/embed/harbour?start=0:12&muted=1&loop=1")
    host = (
        f"<!doctype html><title>Host</title>{html}<iframe name=whole src={site}/watch/harbour>"
        "</iframe>"
    )
    with _context(browser, complaints="frame-ancestors") as (_, page), _other_site(host) as address:
        page.goto(address)
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


def test_lost_connection_and_lost_video_are_said(browser: Browser, server: Server) -> None:
    noise = "ERR_INTERNET_DISCONNECTED|ERR_FAILED|404"
    with _context(browser, complaints=noise) as (context, page):
        _start(page, server)
        context.set_offline(True)
        expect(page.locator("[data-note]")).to_contain_text("You are offline")
        page.keyboard.press("9")
        context.set_offline(False)
        expect(page.locator("[data-note]")).to_be_hidden()
        _until(page, "video.currentTime > 36.5")
        assert not _state(page, "video.paused")
        context.route("**/master.m3u8", lambda route: route.fulfill(status=404))
        _open(page, server, "/watch/afterwards")
        expect(page.get_by_role("alert")).to_contain_text("no longer here")
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
        context.unroute("**/master.m3u8")
        codec = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="zzzz.1"\n144p.m3u8\n'
        context.route("**/master.m3u8", lambda route: route.fulfill(body=codec))
        _open(page, server, "/watch/afterwards")
        expect(page.get_by_role("alert")).to_contain_text("cannot play this kind of video")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_has_a_barrier(browser: Browser, server: Server, scheme: str) -> None:
    with _context(browser, color_scheme=scheme, complaints="404") as (context, page):
        _start(page, server)
        page.keyboard.press("c")
        expect(page.locator("[data-captions]")).to_contain_text("boats")
        page.keyboard.press("k")
        _has_no_barrier(page, "paused with captions")
        page.get_by_role("button", name="Settings").click()
        _has_no_barrier(page, "settings")
        page.locator("[data-page=captions]").click()
        _has_no_barrier(page, "captions menu")
        page.keyboard.press("?")
        _has_no_barrier(page, "help")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Share").click()
        _has_no_barrier(page, "share")
        page.keyboard.press("Escape")
        page.get_by_role("region", name="Transcript").get_by_role("searchbox").fill("boats")
        page.keyboard.press("t")
        page.get_by_role("region", name="Transcript").locator("[data-lines]").hover()
        _has_no_barrier(page, "finding")
        _open(page, server, "/embed/harbour")
        _has_no_barrier(page, "embedded")
        context.route("**/master.m3u8", lambda route: route.fulfill(status=404))
        _open(page, server, "/watch/afterwards")
        expect(page.get_by_role("alert")).to_be_visible()
        _has_no_barrier(page, "gone")


def _has_no_barrier(page: Page, state: str) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async (tags) => {
          const { violations } = await axe.run({ runOnly: tags });
          return violations.map(({ id, nodes }) =>
            [id, nodes.map(({ target, failureSummary }) => [target, failureSummary])]);
        }""",
        AXE_TAGS,
    )
    assert found == [], state


def test_a_start_that_is_still_being_made_is_waited_for(
    start_server: StartServer, browser: Browser, foreign_footage: Path
) -> None:
    slow = {"VLOG_TRANSCODING__PRESET": "veryslow", "VLOG_TRANSCODING__PARALLELISM": "1"}
    server = start_server(**slow, VLOG_TRANSCODING__SEGMENT_SECONDS="2")
    video = server.wait_playable(server.upload(foreign_footage, title="Grows").json()["id"])
    with _context(browser) as (_, page):
        _open(page, server, f"{video['watch_url']}?t=27")
        page.evaluate(f"() => {{ {PLAYER}.video.muted = true; }}")
        assert _state(page, "playableSeconds") < 26
        page.locator("[data-big]").click()
        expect(page.locator("[data-note]")).to_contain_text("0:27 is still being prepared")
        expect(page.locator("[data-growth]")).to_be_visible()
        _has_no_barrier(page, "growing")
        page.wait_for_function(f"() => {PLAYER}.video.currentTime > 27", timeout=90_000)
        expect(page.locator("[data-note]")).to_be_hidden()
