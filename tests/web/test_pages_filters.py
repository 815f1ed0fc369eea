from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from vlog.web.models.progress import ProgressOut, RenditionProgressOut
from vlog.web.models.videos import Status
from vlog.web.page_filters import (
    duration,
    growth_sentence,
    linkify,
    listed,
    prose,
    shorten,
    size,
    time_left,
    view_count,
    when,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "0:00"), (0, "0:00"), (5.9, "0:05"), (65, "1:05"), (3723.4, "1:02:03"), (-1, "0:00")],
)
def test_duration_reads_like_a_clock(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (2_811_553, "2.8 MB"),
        (999_900, "1.0 MB"),
        (123_456_789, "123 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_size_uses_the_unit_that_fits(count: int | None, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("past", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=1, hours=1), "1 day ago"),
        (timedelta(days=8), "15 November 2026"),
    ],
)
def test_when_says_how_long_ago(past: timedelta, text: str) -> None:
    html = when(NOW - past, NOW)
    assert html.endswith(f">{text}</time>")
    assert (NOW - past).isoformat() in html.replace("&#43;", "+")


def test_shorten_cuts_between_words_and_joins_lines() -> None:
    assert shorten("one\ntwo  three", 20) == "one two three"
    assert shorten("one two, three", 10) == "one two…"
    assert len(shorten("x" * 300, 160)) == 160


def test_linkify_escapes_everything() -> None:
    html = linkify('<script>alert("1")</script> & more')
    assert isinstance(html, Markup)
    assert "<" not in html
    assert "&lt;script&gt;" in html


def test_linkify_makes_safe_links() -> None:
    html = linkify("See https://example.org/a?b=1&c=2 now")
    expected = (
        'See <a class="link" href="https://example.org/a?b=1&amp;c=2" '
        'rel="nofollow ugc noopener">https://example.org/a?b=1&amp;c=2</a> now'
    )
    assert html == expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("(http://example.org).", "http://example.org"),
        ("http://example.org/a_(b)", "http://example.org/a_(b)"),
        ("http://example.org/x, then", "http://example.org/x"),
        ('http://example.org/"onclick=alert(1)', "http://example.org/"),
        ("http://example.org/<b>", "http://example.org/"),
    ],
)
def test_linkify_leaves_the_sentence_around_an_address_alone(text: str, address: str) -> None:
    assert f'href="{address}"' in linkify(text)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://example.org", "www.example.org"])
def test_linkify_links_only_the_web(text: str) -> None:
    assert linkify(text) == text


def progress(
    status: Status = "processing",
    rungs: dict[str, Status] | None = None,
    playable_seconds: float = 60,
    seconds_left: float | None = None,
) -> ProgressOut:
    found = rungs or {}
    return ProgressOut(
        status=status,
        current_step="",
        progress_percent=0,
        qualities=[
            RenditionProgressOut(name=name, status=state, progress=0)
            for name, state in found.items()
        ],
        attempt=1,
        max_attempts=3,
        started_at=None,
        last_error=None,
        playable=True,
        playable_seconds=playable_seconds,
        duration=60,
        waiting_for=None,
        seconds_left=seconds_left,
    )


def test_growth_says_what_plays_and_what_comes() -> None:
    found = progress(
        rungs={"720p": "processing", "480p": "pending", "360p": "ready", "audio": "ready"},
        seconds_left=115,
    )
    sentence = "Plays now in 360p. 720p and 480p are on the way, about 2 minutes left."
    assert growth_sentence(found) == sentence


def test_growth_says_how_much_can_be_watched_of_the_first_rung() -> None:
    found = progress(rungs={"360p": "processing"}, playable_seconds=12, seconds_left=5)
    sentence = (
        "The first 0:12 of 1:00 can be watched now, and more comes while you watch. "
        "A few seconds left."
    )
    assert growth_sentence(found) == sentence


def test_growth_with_the_first_rung_whole_but_not_checked_yet() -> None:
    found = progress(rungs={"360p": "processing"})
    assert growth_sentence(found) == "Plays now. Better qualities are on the way."


def test_growth_that_failed_promises_nothing() -> None:
    found = progress("failed", {"360p": "ready", "720p": "failed"})
    assert growth_sentence(found) == "Not every quality could be made. What is there plays."


def test_growth_is_silent_once_ready() -> None:
    assert growth_sentence(progress("ready", {"360p": "ready"})) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (3, "a few seconds left"),
        (41, "about 50 seconds left"),
        (58, "about 1 minute left"),
        (3600, "about 1 hour left"),
        (7500, "about 2 hours 5 minutes left"),
    ],
)
def test_time_left_is_never_more_exact_than_it_can_be(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text


def test_listed_joins_as_people_do() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 views"),
        (1, "1 view"),
        (1234, "1,234 views"),
        (9999, "9,999 views"),
        (12_345, "12K views"),
        (999_499, "999K views"),
        (999_500, "1.0M views"),
        (12_345_678, "12M views"),
    ],
)
def test_views_read_short(count: int, text: str) -> None:
    assert view_count(count) == text


def test_linkify_makes_times_seek_where_there_is_a_player() -> None:
    text = "1:30 <b> and http://example.org/0:10"
    assert "data-seek-to" not in linkify(text)
    html = linkify(text, seekable=True)
    assert html.startswith('<a class="link" href="?t=90" data-seek-to="90">1:30</a> &lt;b&gt; and ')
    assert html.count("data-seek-to") == 1


def test_commands_in_sentences_are_code_and_everything_is_escaped() -> None:
    assert prose("Run `vlog fetch <x>` & wait") == (
        'Run <code class="tag-code">vlog fetch &lt;x&gt;</code> &amp; wait'
    )
    assert prose("One ` alone") == "One ` alone"


class _Shown(HTMLParser):
    """What somebody reads, and where the links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "a"
        assert {name for name, _ in attrs} <= {"class", "href", "rel", "data-seek-to"}
        self.links.append(dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


_PIECES = st.sampled_from(
    (
        "http://",
        "https://a.org/(b)",
        "javascript:x",
        "<a href=",
        '"',
        "'",
        "&amp;",
        "1:30",
        "9:59:59",
    )
)


@settings(max_examples=100)
@given(st.lists(_PIECES | st.text(max_size=6), max_size=8).map("".join), st.booleans())
def test_a_text_with_links_reads_as_it_was_written(text: str, seekable: bool) -> None:
    shown = _Shown()
    shown.feed(str(linkify(text, seekable=seekable)))
    shown.close()
    assert shown.text == text
    assert all(link.lower().startswith(("http://", "https://", "?t=")) for link in shown.links)


def test_a_text_takes_no_longer_than_its_length() -> None:
    before = time.process_time()
    linkify("https://example.org/" + ")" * 20_000, seekable=True)
    assert time.process_time() - before < 0.2
