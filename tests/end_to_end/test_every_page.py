"""Every page of both ports, for everybody: whoever adds a page finds it here by itself.

A page is opened once and looked at in many ways; the tests read what was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import MakeSource
from tests.end_to_end import page_checks
from tests.end_to_end.barriers import COLOURS, barriers
from tests.end_to_end.browser import watched_page
from tests.end_to_end.furnished import HEBREW, LINES, Furnished, furnished_server
from tests.end_to_end.page_table import PageTable, Visit, find_pages

# All pages are opened in the first test that asks for what was seen.
pytestmark = pytest.mark.timeout(400)
BESIDE_THE_ROUTES = (
    Visit("public results", False, "/search?q=day"),
    Visit("public no results", False, "/search?q=zzzz"),
    Visit("public choices", False, "/?sort=oldest&length=short"),
    Visit("public error", False, "/nothing-here", 404),
    Visit("admin error", True, "/nothing-here", 404),
)
# What may move while a page opens. Core Web Vitals call 0.1 good.
STILL_FOR_VISITORS, STILL_FOR_ADMINS = 0.01, 0.1


@dataclass
class Seen:
    """What was found on a page, by the way it was looked at."""

    barriers: dict[str, list[str]] = field(default_factory=dict)
    misfits: dict[str, list[str]] = field(default_factory=dict)
    alike: list[str] = field(default_factory=list)
    moved: float = 0.0
    what_moved: list[object] = field(default_factory=list)


@pytest.fixture(scope="module")
def furnished(
    tmp_path_factory: pytest.TempPathFactory, make_source: MakeSource
) -> Iterator[Furnished]:
    with furnished_server(tmp_path_factory.mktemp("furnished"), make_source()) as made:
        yield made


@pytest.fixture(scope="module")
def table(furnished: Furnished) -> PageTable:
    found = find_pages(furnished.server, furnished.places)
    found.visits.extend(BESIDE_THE_ROUTES)
    return found


@pytest.fixture(scope="module")
def seen(furnished: Furnished, table: PageTable, browser: Browser) -> dict[str, Seen]:
    """Every page, looked at in every way."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", color_scheme="light"
    )
    context.add_init_script(f"({page_checks.WATCH})()")
    try:
        page = context.new_page()
        return {visit.name: _look(page, visit.url(furnished.server)) for visit in table.visits}
    finally:
        context.close()


def _look(page: Page, address: str) -> Seen:
    found = Seen()
    page_checks.resize(page, 1280, 800)
    page.goto(address)
    page_checks.settle(page)
    found.moved, found.what_moved = page_checks.moved(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
    found.barriers["1280, light"] = barriers(page)
    found.barriers |= _dialogs(page)
    page_checks.colours(page, "dark")
    found.barriers["1280, dark"] = barriers(page, COLOURS)
    page_checks.resize(page, 320, 640)
    # What is only here has the colours of its neighbours: once is enough for all rules.
    found.barriers["320, dark"] = barriers(page)
    page_checks.colours(page, "light")
    found.misfits["320"] = page_checks.misfits(page)
    found.misfits["320, wide spacing"] = page_checks.misfits_with_wide_spacing(page)
    found.misfits["320, right to left"] = page_checks.misfits_from_right_to_left(page)
    # A window of 1280 by 1024 at four times its size.
    for width, height in ((320, 256), (2560, 600), (3840, 600)):
        page_checks.resize(page, width, height)
        found.misfits[f"{width} by {height}"] = page_checks.misfits(page)
    page.emulate_media(forced_colors="active")
    found.alike = page_checks.not_told_apart(page)
    page.emulate_media(forced_colors="none")
    return found


def _dialogs(page: Page) -> dict[str, list[str]]:
    """Every dialog, opened as its button would."""
    found = {}
    for place in range(page.locator("dialog").count()):
        dialog = page.locator("dialog").nth(place)
        dialog.evaluate("(one) => one.showModal()")
        found[f"dialog {place}"] = barriers(page, part="dialog[open]")
        dialog.evaluate("(one) => one.close()")
    return found


def test_every_page_is_known(table: PageTable) -> None:
    assert table.unknown == [], "name an address for these in tests/end_to_end/furnished.py"
    wrong = {visit.name: visit.status for visit in table.visits if visit.status not in (200, 404)}
    assert wrong == {}


def test_no_page_has_a_barrier(seen: dict[str, Seen]) -> None:
    assert {name: _some(page.barriers) for name, page in seen.items() if _some(page.barriers)} == {}


def test_every_page_fits_its_window(seen: dict[str, Seen]) -> None:
    assert {name: _some(page.misfits) for name, page in seen.items() if _some(page.misfits)} == {}


def test_what_is_current_is_seen_in_the_colours_of_the_system(seen: dict[str, Seen]) -> None:
    assert {name: page.alike for name, page in seen.items() if page.alike} == {}


def test_nothing_moves_while_a_page_opens(seen: dict[str, Seen]) -> None:
    limits = {"public": STILL_FOR_VISITORS, "admin": STILL_FOR_ADMINS}
    assert {
        name: (page.moved, page.what_moved)
        for name, page in seen.items()
        if page.moved > limits[name.split()[0]]
    } == {}


def _some(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {way: what for way, what in found.items() if what}


def test_the_site_is_read_without_scripts(browser: Browser, furnished: Furnished) -> None:
    with watched_page(browser, java_script_enabled=False) as page:
        page.goto(f"http://127.0.0.1:{furnished.server.public_port}/")
        _offers_nothing_dead(page)
        page.get_by_role("link", name=HEBREW, exact=True).first.click()
        page.wait_for_url(f"**/watch/{furnished.slug}")
        _offers_nothing_dead(page)
        native = page.locator("noscript video")
        expect(native).to_be_visible()
        assert native.get_attribute("controls") is not None
        # This browser plays HLS by itself.
        expect(native).to_have_js_property("readyState", 4)
        assert "Without JavaScript" in (page.locator("noscript p").text_content() or "")
        expect(page.get_by_role("region", name="Transcript")).to_contain_text(LINES["en"])
        page.get_by_role("link", name="Hebrew").click()
        expect(page.get_by_role("region", name="Transcript")).to_contain_text(LINES["he"])
        page.get_by_role("link", name="#boats").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("#boats")
        _offers_nothing_dead(page)
        page.get_by_role("textbox", name="Search").fill("gull")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("gull")
        expect(page.get_by_role("link", name=HEBREW, exact=True)).to_be_visible()
        for key in ("category", "playlist", "embed"):
            page.goto(
                f"http://127.0.0.1:{furnished.server.public_port}"
                f"{furnished.places[f'public /{key}/{{slug}}']}"
            )
            expect(page.get_by_role("link", name=HEBREW, exact=True).first).to_be_visible()
            _offers_nothing_dead(page)


def _offers_nothing_dead(page: Page) -> None:
    """No button stands there that only a script could answer."""
    expect(page.locator("button[type=button]:visible, [role=tab]:visible")).to_have_count(0)


def test_a_card_shows_what_is_in_its_video(browser: Browser, furnished: Furnished) -> None:
    with watched_page(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{furnished.server.public_port}/")
        card = page.locator(f"[data-cards] .card[data-slug='{furnished.slug}']")
        card.scroll_into_view_if_needed()
        before = card.bounding_box()
        assert [url for url in asked if "storyboard" in url] == []
        card.hover()
        preview = card.locator(".card-preview")
        expect(preview).to_be_visible()
        assert card.bounding_box() == before
        assert any(url.endswith(".jpg") and "storyboard" in url for url in asked)
        # It goes through the video, and then the picture of the card is back.
        picture = preview.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")
        page.wait_for_function(
            "was => document.querySelector('.card-preview canvas')?.toDataURL() !== was",
            arg=picture,
        )
        expect(preview).to_have_count(0)
        page.mouse.move(0, 0)
        link = card.get_by_role("link", name=HEBREW, exact=True)
        page.keyboard.press("Tab")
        link.focus()
        expect(preview).to_be_visible()
        page.keyboard.press("Escape")
        expect(preview).to_have_count(0)
        expect(link).to_be_focused()


def test_who_wants_calm_sees_no_preview(browser: Browser, furnished: Furnished) -> None:
    with watched_page(browser, reduced_motion="reduce") as page:
        page.clock.install()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{furnished.server.public_port}/")
        page.locator(f"[data-cards] .card[data-slug='{furnished.slug}']").hover()
        page.clock.run_for(5000)
        assert [url for url in asked if "storyboard" in url] == []
