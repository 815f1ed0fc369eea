"""A real Chromium, and what a viewer sees in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
# The player's state as a viewer would describe it.
_STATE = """() => {
  const root = document.querySelector('[data-player]');
  const player = root && root.vlogPlayer;
  if (!player) return null;
  const video = player.video;
  const ranges = [];
  for (let i = 0; i < video.buffered.length; i++)
    ranges.push([video.buffered.start(i), video.buffered.end(i)]);
  return {
    time: video.currentTime, paused: video.paused, ended: video.ended, rate: video.playbackRate,
    ready: video.readyState, width: video.videoWidth, height: video.videoHeight,
    muted: video.muted, ranges, fatal: player.fatalErrors.map(String), reloads: player.reloads,
    levels: player.hls ? player.hls.levels.map((level) => level.height) : [],
    quality: root.dataset.quality || '',
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    shown: video.getVideoPlaybackQuality().totalVideoFrames,
  };
}"""


@dataclass
class Complaints:
    """What the browser complained about, and whom it asked."""

    messages: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page that must not complain, nor ask anybody but loopback."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
    page = context.new_page()
    complaints = Complaints()

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.messages.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.messages.append(str(error)))
    page.on("request", lambda request: _note(complaints, request.url))
    try:
        yield page
        assert complaints.messages == [], complaints.messages
        assert complaints.foreign_requests == [], complaints.foreign_requests
    finally:
        context.close()


def _note(complaints: Complaints, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "blob:", "data:")):
        complaints.foreign_requests.append(url)


def player_state(page: Page) -> dict[str, Any]:
    """What the player does now; empty before it is there."""
    found: dict[str, Any] | None = page.evaluate(_STATE)
    return found or {}


def play(page: Page) -> None:
    """Start as a viewer does, without sound; a page reached by a click starts by itself."""
    page.wait_for_function("() => document.querySelector('[data-player]')?.vlogPlayer")
    page.evaluate("document.querySelector('[data-player] [data-video]').muted = true")
    big = page.locator("[data-player] [data-big]")
    page.wait_for_function(
        "() => { const root = document.querySelector('[data-player]');"
        " return !root.querySelector('[data-big]').hidden || !root.vlogPlayer.video.paused; }"
    )
    if big.is_visible():
        big.click()
