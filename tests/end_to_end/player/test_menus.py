"""The buttons and menus of the player, by mouse and by finger."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.end_to_end.player.steps import PHONE, PLAYER, start, state, until, visitor
from tests.end_to_end.server import Server


def test_menus_choose_and_remember(page: Page, server: Server) -> None:
    start(page, server)
    settings, menu = page.locator("[data-settings]"), page.locator("[data-menu]")
    expect(settings).to_contain_text(re.compile(r"Auto \(\d+p\)"))
    settings.click()
    expect(menu.locator("[data-page=quality]")).to_contain_text(re.compile(r"Auto \(\d+p\)"))
    menu.get_by_role("button", name="Quality").click()
    menu.get_by_role("radio", name="144p", exact=True).check()
    until(page, "quality === '144p'")
    expect(settings).to_have_text(re.compile("144p"))
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Quality")).to_be_focused()
    menu.get_by_role("button", name="Speed").click()
    menu.get_by_role("radio", name="1.5×").check()
    assert state(page, "video.playbackRate") == 1.5
    menu.get_by_role("button", name="Back to all settings").click()
    menu.get_by_role("switch", name="Play again and again").check()
    assert state(page, "video.loop")
    menu.get_by_role("button", name="Captions").click()
    menu.get_by_role("radio", name="English (automatic)").check()
    menu.get_by_role("radio", name="Very large").check()
    menu.get_by_role("radio", name="Half dark").check()
    expect(page.locator("[data-captions]")).to_contain_text("(en)")
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
    start(page, server)
    expect(page.locator("[data-player]")).to_have_attribute("data-caption-size", "huge")
    expect(page.locator("[data-player]")).to_have_attribute("data-caption-ground", "half")
    expect(page.locator("[data-captions]")).to_contain_text("(en)")


def test_buttons_and_the_keys_of_the_system(page: Page, server: Server) -> None:
    page.add_init_script(
        """() => {}; window.asked = {};
        const kept = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
        navigator.mediaSession.setActionHandler = (name, handler) => {
          window.asked[name] = handler;
          kept(name, handler);
        };"""
    )
    start(page, server)
    page.get_by_role("button", name="Pause", exact=True).click()
    assert state(page, "video.paused")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "video.paused === false")
    page.get_by_role("button", name="Sound on").click()
    assert not state(page, "video.muted")
    page.get_by_role("slider", name="Volume").fill("0.3")
    assert state(page, "video.volume") == 0.3
    page.get_by_role("button", name="Mute").click()
    page.get_by_role("button", name="Theatre mode").click()
    expect(page.get_by_role("button", name="Leave theatre mode")).to_be_visible()
    captions = page.get_by_role("button", name="Captions")
    expect(captions).to_have_attribute("aria-pressed", "false")
    captions.click()
    expect(captions).to_have_attribute("aria-pressed", "true")
    media = "navigator.mediaSession"
    assert page.evaluate(f"{media}.metadata.title") == "Harbour"
    assert page.evaluate(f"{media}.metadata.artwork[0].src").endswith("/harbour/thumbnail.jpg")
    page.evaluate("asked.seekto({ seekTime: 20 })")
    until(page, "video.currentTime >= 20")
    page.evaluate("asked.seekbackward({})")
    until(page, "video.currentTime < 19")
    page.evaluate("asked.pause()")
    assert page.evaluate(f"{media}.playbackState") == "paused"
    page.evaluate("asked.play()")
    until(page, "video.paused === false")
    page.get_by_role("button", name="Picture in picture").click()
    page.wait_for_function("() => document.pictureInPictureElement?.matches('[data-video]')")
    page.keyboard.press("i")
    page.wait_for_function("() => document.pictureInPictureElement === null")


def test_sound_tracks_can_be_chosen(page: Page, server: Server) -> None:
    sounds = ["Sound"]

    def with_others(route: Route) -> None:
        master = route.fetch().text()
        first = next(line for line in master.splitlines() if "TYPE=AUDIO" in line)
        lines = [first]
        for number, name in enumerate(sounds[1:], 2):
            other = first.replace('NAME="Sound"', f'NAME="{name}",LANGUAGE="{name[:2].lower()}"')
            other = other.replace("audio.m3u8", f"audio-{number}.m3u8")
            lines.append(other.replace("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=NO,AUTOSELECT=NO"))
        route.fulfill(body=master.replace(first, "\n".join(lines)))

    def same_sound(route: Route) -> None:
        route.fulfill(response=route.fetch(url=re.sub(r"audio-\d", "audio", route.request.url)))

    page.route("**/master.m3u8", with_others)
    page.route("**/audio-*.m3u8", same_sound)
    sounds.append("Français")
    start(page, server)
    page.get_by_role("button", name="Settings").click()
    page.locator("[data-page=sound]").click()
    expect(page.get_by_role("radio", name="Sound", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Français").check()
    until(page, "sounds.current === 1")
    # No news, no reload; a sound that has come since is taken in, and the choice and place stay.
    assert state(page, "lookForNews()") is False
    place = state(page, "place")
    sounds[1:] = ["Deutsch", "Français"]
    assert state(page, "lookForNews()") is True
    until(page, f"reloads === 1 && {PLAYER}.video.currentTime > {place}")
    until(page, "sounds.current === 2")
    assert [track["label"] for track in state(page, "sounds.tracks")] == [
        "Sound",
        "Deutsch",
        "Français",
    ]
    expect(page.get_by_role("radio", name="Français")).to_be_checked()


def test_fingers_skip_and_hold(browser: Browser, server: Server) -> None:
    with visitor(browser, **PHONE) as (context, page):
        start(page, server)
        box = page.locator("[data-video]").first.bounding_box()
        assert box is not None
        right, middle = box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.3
        at = state(page, "place")
        page.touchscreen.tap(right, middle)
        page.touchscreen.tap(right, middle)
        expect(page.locator("[data-mark]")).to_have_text("+10 s")
        assert state(page, "place") >= at + 9
        page.touchscreen.tap(box["x"] + 20, middle)
        page.touchscreen.tap(box["x"] + 20, middle)
        expect(page.locator("[data-mark]")).to_have_text("−10 s")
        until(page, "video.readyState >= 3")
        assert not state(page, "video.paused")
        touch = context.new_cdp_session(page)
        point = [{"x": right, "y": middle}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point})
        until(page, "video.playbackRate === 2")
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        until(page, "video.playbackRate === 1")
