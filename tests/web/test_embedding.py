from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vlog.errors import NotFound
from vlog.settings import PublicSettings
from vlog.web.embedding import OEmbedQuery, embed_code, oembed, slug_in
from vlog.web.models.videos import VideoOut
from vlog.web.security import CONTENT_SECURITY_POLICY, content_security_policy

BASE = "https://video.example.org"


def _video(**values: object) -> VideoOut:
    return VideoOut.model_validate(
        {
            "id": 1,
            "title": 'Say "hello" & <go>',
            "slug": "say-hello",
            "description": "",
            "category_id": None,
            "category_name": None,
            "category_slug": None,
            "duration": 12.0,
            "source_width": 1920,
            "source_height": 1080,
            "status": "ready",
            "error_message": None,
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            "published_at": datetime(2026, 1, 1, tzinfo=UTC),
            "thumbnail_url": "/videos/say-hello/thumbnail.jpg",
            "stream_url": "/videos/say-hello/master.m3u8",
            "storyboard_url": None,
            "captions_url": None,
            "transcription_status": "none",
            "qualities": [],
            "tags": [],
            "visibility": "public",
            "featured": False,
            "views": None,
            "playable": True,
            "published": True,
            "watch_url": "/watch/say-hello",
            "progress_percent": 100,
        }
        | values
    )


@pytest.mark.parametrize(
    ("address", "base"),
    [
        (f"{BASE}/watch/say-hello", BASE),
        (f"{BASE}/watch/say-hello?t=90#x", BASE),
        (f"{BASE}/embed/say-hello", BASE),
        ("https://Video.Example.org/sub/watch/say-hello", f"{BASE}/sub"),
    ],
)
def test_addresses_of_videos_are_known(address: str, base: str) -> None:
    assert slug_in(address, base) == "say-hello"


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example.org/watch/say-hello",
        f"{BASE}/category/say-hello",
        f"{BASE}/watch/a/b",
        "say-hello",
        "",
        "http://[",
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    with pytest.raises(NotFound):
        slug_in(address, BASE)


@pytest.mark.parametrize(
    ("limits", "source", "size"),
    [
        ({}, (1920, 1080), (640, 360)),
        ({"maxwidth": 320}, (1920, 1080), (320, 180)),
        ({"maxwidth": 1000, "maxheight": 90}, (1920, 1080), (160, 90)),
        ({"maxheight": 360}, (1080, 1920), (202, 359)),
        ({}, (None, None), (640, 360)),
    ],
)
def test_the_frame_fits_the_limits_and_the_shape(
    limits: dict[str, int], source: tuple[int | None, int | None], size: tuple[int, int]
) -> None:
    video = _video(source_width=source[0], source_height=source[1])
    found = oembed(video, OEmbedQuery(url="x", **limits), BASE, "Films")
    assert (found.width, found.height) == size
    assert f'width="{size[0]}" height="{size[1]}"' in found.html


def test_a_title_cannot_break_out_of_the_code() -> None:
    found = oembed(_video(), OEmbedQuery(url="x"), BASE, "Films")
    assert found.html.startswith(f'<iframe src="{BASE}/embed/say-hello" ')
    assert 'title="Say &#34;hello&#34; &amp; &lt;go&gt;"' in found.html
    assert found.thumbnail_url == f"{BASE}/videos/say-hello/thumbnail.jpg"


def test_who_may_frame_a_page() -> None:
    assert content_security_policy("blog.example.org").endswith("frame-ancestors blog.example.org")
    assert CONTENT_SECURITY_POLICY.endswith("frame-ancestors 'self'")


@pytest.mark.parametrize("domain", ["'none'", "a.org; script-src *", "https://a.org/path", "a b"])
def test_what_is_no_host_is_refused(domain: str) -> None:
    with pytest.raises(ValidationError, match="is not a host name"):
        PublicSettings(embed_domains=(domain,))


_ADDRESSES = st.text(max_size=60) | st.builds(
    "{}{}{}{}".format,
    st.sampled_from(
        ("https://", "//", "https://[", "https://video.example.org@", "", "javascript:")
    ),
    st.sampled_from(("video.example.org", "VIDEO.example.org", "evil.example", "[::1]", "a／b")),
    st.sampled_from(("/watch/", "/embed/", "/sub/watch/", "\\watch\\", "/category/")),
    st.sampled_from(("film", "film/", "%00", "%ff", "..%2f..", "", "a?b", "#")),
)


@settings(max_examples=100)
@given(_ADDRESSES)
def test_any_address_names_a_video_of_ours_or_none(address: str) -> None:
    with suppress(NotFound):
        assert slug_in(address, BASE)
        assert address.lstrip().lower().startswith(("https://video.example.org/", "//video."))


@settings(max_examples=60)
@given(st.text(max_size=40) | st.sampled_from(('"><script>', "' onload='x", "&quot;", "\0")))
def test_the_code_to_embed_is_one_frame_whatever_the_title(title: str) -> None:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    reader = Reader(convert_charrefs=False)
    reader.feed(embed_code(BASE, _video(title=title)))
    reader.close()
    ((tag, attributes),) = found
    assert (tag, attributes["src"], attributes["title"]) == (
        "iframe",
        f"{BASE}/embed/say-hello",
        title,
    )
    assert {*attributes} == {
        *("src", "width", "height", "title", "allow", "allowfullscreen", "loading", "style")
    }
