"""Keys: everywhere on the page, in the player alone, and never in a field."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.player.steps import blur, open_page, press, start, state, until
from tests.end_to_end.server import Server


def test_keys_work_without_focus_and_not_in_fields(page: Page, server: Server) -> None:
    start(page, server)
    blur(page)
    press(page, "k", "Paused")
    assert state(page, "video.paused")
    for digit, place in (("5", 20), ("0", 0), ("9", 36), ("5", 20)):
        press(page, digit, f"{digit}0%" if digit != "0" else "Start")
        assert state(page, "place") == pytest.approx(place, abs=0.5)
    press(page, "l", "0:30")
    press(page, "j", "0:20")
    press(page, "ArrowRight", "0:25")
    press(page, "ArrowLeft", "0:20")
    before = state(page, "place")
    press(page, ".", "Next frame")
    assert state(page, "place") == pytest.approx(before + 0.1, abs=0.02)
    press(page, ",", "Previous frame")
    press(page, "Control+ArrowLeft", "Boats")
    assert state(page, "place") == pytest.approx(10, abs=0.1)
    press(page, "Control+ArrowRight", "Coffee")
    press(page, ">", "Speed 1.25")
    press(page, "<", "Speed 1$")
    press(page, "m", "Sound on")
    press(page, "ArrowDown", "Volume 95%")
    press(page, "ArrowUp", "Volume 100%")
    press(page, "m", "Muted")
    press(page, "c", "Captions: English")
    press(page, "c", "Captions off")
    press(page, "Home", "Start")
    assert state(page, "place") == 0
    press(page, " ", "Playing")
    press(page, " ", "Paused")
    page.get_by_role("combobox", name="Search videos").focus()
    page.keyboard.type("km5")
    assert state(page, "video.paused")
    assert state(page, "place") < 1


def test_escape_closes_what_is_on_top_and_nothing_else(page: Page, server: Server) -> None:
    start(page, server)
    blur(page)
    watch = page.locator("[data-watch]")
    menu = page.locator("[data-menu]")
    press(page, "t", "Theatre mode$")
    expect(watch).to_have_attribute("data-theatre", "")
    page.get_by_role("button", name="Settings").click()
    menu.get_by_role("button", name="Speed").click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(watch).to_have_attribute("data-theatre", "")
    page.get_by_role("button", name="Settings").click()
    menu.get_by_role("button", name="Speed").click()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Speed")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(watch).to_have_attribute("data-theatre", "")
    page.keyboard.press("Escape")
    expect(watch).not_to_have_attribute("data-theatre", "")
    assert not state(page, "video.paused")


def test_help_keeps_the_focus_and_gives_it_back(page: Page, server: Server) -> None:
    open_page(page, server)
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
    blur(page)
    page.keyboard.press("k")
    assert state(page, "video.paused")
    settings.focus()
    page.keyboard.press("k")
    until(page, "video.currentTime > 0.1")
