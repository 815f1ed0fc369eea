"""Questions to a page that is open in a browser: does it fit, does it hold still."""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import Page

# Put into every page before its own scripts: what it still waits for, and what moved on it.
WATCH = """() => {
  window.vlogWaits = 0;
  const ask = window.fetch;
  window.fetch = (...wish) => {
    window.vlogWaits += 1;
    return ask(...wish).finally(() => (window.vlogWaits -= 1));
  };
  window.vlogMoved = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.vlogMoved.push([value, sources.map(({ node }) =>
        (node?.outerHTML ?? node?.textContent ?? "something removed").slice(0, 120))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""
_SETTLED = """() => document.readyState === "complete" && !window.vlogWaits
  && !document.querySelector("[x-cloak]")
  && [...document.querySelectorAll("[data-player]")].every((root) => root.vlogPlayer?.controls)"""
# Laid out, and with every transition at its end.
_DRAWN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(moving.map(({ finished }) => finished));
}"""
_SIDEWAYS = """() => {
  const root = document.documentElement;
  const name = (one) => `${one.localName}.${one.className.baseVal ?? one.className}`.slice(0, 90);
  const shown = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility());
  const found = [];
  if (root.scrollWidth > root.clientWidth) {
    const out = shown.filter((one) => {
      const { left, right, width } = one.getBoundingClientRect();
      return width > 1 && (right > root.clientWidth + 1 || left < -1);
    });
    found.push(`the page is ${root.scrollWidth} wide: ${out.slice(0, 4).map(name).join(", ")}`);
  }
  for (const one of shown) {
    const control = one.matches(".button, .chip, .nav-link, .player-row");
    if (control && one.scrollWidth > one.clientWidth + 1)
      found.push(`cut off: ${name(one)} ${one.textContent.trim().slice(0, 40)}`);
    const { position } = getComputedStyle(one);
    const { height } = one.getBoundingClientRect();
    if (["sticky", "fixed"].includes(position) && height > innerHeight * 0.45)
      found.push(`takes the page: ${name(one)}, ${Math.round(height)} of ${innerHeight}`);
  }
  return found;
}"""
_ALIKE = """() => {
  const look = (one) => {
    const style = getComputedStyle(one);
    return [style.backgroundColor, style.color, style.fontWeight, style.borderTopStyle].join();
  };
  return [...document.querySelectorAll("[aria-current]")].filter((one) => {
    const others = [...one.closest("ol, ul, nav").querySelectorAll(one.localName)];
    return others.some((other) => !other.ariaCurrent && look(other) === look(one));
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
# The distances of WCAG 1.4.12, whatever the page wants, and back.
_SPACING = """(wide) => {
  const sheet = new CSSStyleSheet();
  if (wide) sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""


def settle(page: Page) -> None:
    """Wait until the page has what it asks for when it is opened."""
    page.wait_for_function(_SETTLED)
    page.evaluate(_DRAWN)


def colours(page: Page, scheme: Literal["light", "dark"]) -> None:
    """The page in a colour scheme, drawn."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(_DRAWN)


def resize(page: Page, width: int, height: int) -> None:
    """Another window, laid out."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(_DRAWN)


def misfits(page: Page) -> list[str]:
    """What is wider than the page, cut off, or leaves no room."""
    found: list[str] = page.evaluate(_SIDEWAYS)
    return found


def misfits_with_wide_spacing(page: Page) -> list[str]:
    """The same with letters, words and lines as far apart as a reader may want them."""
    page.evaluate(_SPACING, True)
    found = misfits(page)
    page.evaluate(_SPACING, False)
    return found


def misfits_from_right_to_left(page: Page) -> list[str]:
    """The same in a script that begins at the right."""
    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    found = misfits(page)
    page.evaluate("() => { document.documentElement.dir = 'ltr'; }")
    return found


def not_told_apart(page: Page) -> list[str]:
    """What is current and looks like the others."""
    found: list[str] = page.evaluate(_ALIKE)
    return found


def moved(page: Page) -> tuple[float, list[Any]]:
    """The sum of layout shifts without an input of the person, and what they were."""
    entries: list[Any] = page.evaluate("() => window.vlogMoved")
    return sum(value for value, _ in entries), entries
