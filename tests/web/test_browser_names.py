"""What browsers are called."""

from __future__ import annotations

import pytest

from vlog.web.browser_names import browser_name

_MOZILLA = "Mozilla/5.0"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            f"{_MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Linux",
        ),
        (
            f"{_MOZILLA} (Windows NT 10.0; Win64) {_WEBKIT} Chrome/143.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            f"{_MOZILLA} (Windows NT 10.0) {_WEBKIT} Chrome/143.0 Safari/537.36 Edg/143.0",
            "Edge on Windows",
        ),
        (
            f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/26.0 Safari/605",
            "Safari on macOS",
        ),
        (
            f"{_MOZILLA} (iPhone; CPU iPhone OS 26_0 like Mac OS X) {_WEBKIT} Safari/604",
            "Safari on iPhone",
        ),
        (
            f"{_MOZILLA} (Linux; Android 16) {_WEBKIT} Chrome/143.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            f"{_MOZILLA} (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/143.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
