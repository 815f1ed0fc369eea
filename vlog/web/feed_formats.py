"""Feeds as text: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1 and podcasts. Pure functions.

VLog has no single file of a video, so no feed has an RSS enclosure: the stream stands in
`media:content` (Media RSS), in `podcast:alternateEnclosure` (Podcasting 2.0), and among the
attachments of JSON Feed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from types import MappingProxyType
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from vlog.web.page_filters import linkify

HLS = "application/x-mpegURL"
ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
_NAMES = {"atom": ATOM, "media": MEDIA, "itunes": ITUNES, "podcast": PODCAST}

# XML 1.0 has no place for these, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _uri in _NAMES.items():
    ElementTree.register_namespace(_prefix, _uri)


@dataclass(frozen=True)
class Entry:
    """One video. Addresses are whole; `duration` in seconds."""

    url: str
    title: str
    text: str
    published: datetime
    categories: Sequence[str] = ()
    image: str | None = None
    stream: str | None = None
    captions: str | None = None
    duration: float | None = None


@dataclass(frozen=True)
class Feed:
    """A list of videos. `url` is its page, `address` the feed's own, `logo` the site's."""

    title: str
    description: str
    author: str
    url: str
    address: str
    updated: datetime
    entries: Sequence[Entry]
    logo: str | None = None


def clean(text: str) -> str:
    """Without the characters that XML cannot have."""
    return _NOT_IN_XML.sub("", text)


def rss(feed: Feed) -> bytes:
    """RSS 2.0 with Media RSS."""
    channel = _channel(feed)
    for entry in feed.entries:
        item = _item(channel, entry)
        if entry.stream:
            content = _add(item, f"{{{MEDIA}}}content", url=entry.stream, type=HLS, medium="video")
            if entry.duration:
                content.set("duration", str(round(entry.duration)))
        if entry.image:
            _add(item, f"{{{MEDIA}}}thumbnail", url=entry.image)
    return _document(channel)


def podcast(feed: Feed) -> bytes:
    """RSS 2.0 with the namespaces of podcasts. The HLS stream is the alternate enclosure."""
    channel = _channel(feed)
    _add(channel, f"{{{ITUNES}}}author", feed.author)
    _add(channel, f"{{{ITUNES}}}explicit", "false")
    _add(channel, f"{{{ITUNES}}}type", "episodic")
    _add(channel, f"{{{PODCAST}}}medium", "video")
    image = feed.logo or next((entry.image for entry in feed.entries if entry.image), None)
    if image:
        _add(channel, f"{{{ITUNES}}}image", href=image)
    for entry in feed.entries:
        item = _item(channel, entry)
        if entry.duration:
            _add(item, f"{{{ITUNES}}}duration", str(round(entry.duration)))
        if entry.image:
            _add(item, f"{{{ITUNES}}}image", href=entry.image)
        if entry.stream:
            other = _add(item, f"{{{PODCAST}}}alternateEnclosure", type=HLS, default="true")
            _add(other, f"{{{PODCAST}}}source", uri=entry.stream)
        if entry.captions:
            _add(item, f"{{{PODCAST}}}transcript", url=entry.captions, type="text/vtt")
    return _document(channel)


def _channel(feed: Feed) -> Element:
    channel = Element("channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.url)
    _add(channel, "description", feed.description or feed.title)
    _add(channel, "generator", "VLog")
    _add(channel, "lastBuildDate", format_datetime(feed.updated, usegmt=True))
    _add(channel, f"{{{ATOM}}}link", rel="self", type="application/rss+xml", href=feed.address)
    if feed.logo:
        image = _add(channel, "image")
        for name, text in (("url", feed.logo), ("title", feed.title), ("link", feed.url)):
            _add(image, name, text)
    return channel


def _item(channel: Element, entry: Entry) -> Element:
    item = SubElement(channel, "item")
    _add(item, "title", entry.title)
    _add(item, "link", entry.url)
    _add(item, "guid", entry.url, isPermaLink="true")
    _add(item, "pubDate", format_datetime(entry.published, usegmt=True))
    _add(item, "description", _html(entry.text))
    for category in entry.categories:
        _add(item, "category", category)
    return item


def _document(channel: Element) -> bytes:
    root = Element("rss", version="2.0")
    root.append(channel)
    return _bytes(root)


def atom(feed: Feed) -> bytes:
    """Atom, with the stream and the picture as in Media RSS."""
    root = Element(f"{{{ATOM}}}feed")
    _add(root, f"{{{ATOM}}}id", feed.url)
    _add(root, f"{{{ATOM}}}title", feed.title)
    if feed.description:
        _add(root, f"{{{ATOM}}}subtitle", feed.description)
    _add(root, f"{{{ATOM}}}updated", feed.updated.isoformat())
    _add(_add(root, f"{{{ATOM}}}author"), f"{{{ATOM}}}name", feed.author)
    _add(root, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=feed.url)
    _add(root, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=feed.address)
    if feed.logo:
        _add(root, f"{{{ATOM}}}logo", feed.logo)
    for entry in feed.entries:
        item = SubElement(root, f"{{{ATOM}}}entry")
        _add(item, f"{{{ATOM}}}id", entry.url)
        _add(item, f"{{{ATOM}}}title", entry.title)
        _add(item, f"{{{ATOM}}}published", entry.published.isoformat())
        _add(item, f"{{{ATOM}}}updated", entry.published.isoformat())
        _add(item, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=entry.url)
        _add(item, f"{{{ATOM}}}content", _html(entry.text), type="html")
        for category in entry.categories:
            _add(item, f"{{{ATOM}}}category", term=category)
        if entry.stream:
            _add(item, f"{{{MEDIA}}}content", url=entry.stream, type=HLS, medium="video")
        if entry.image:
            _add(item, f"{{{MEDIA}}}thumbnail", url=entry.image)
    return _bytes(root)


def json_feed(feed: Feed) -> bytes:
    """JSON Feed 1.1."""
    document: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description or feed.title,
        "home_page_url": feed.url,
        "feed_url": feed.address,
        "authors": [{"name": feed.author}],
        "items": [_json_item(entry) for entry in feed.entries],
    }
    if feed.logo:
        document["icon"] = feed.logo
    return json.dumps(document, ensure_ascii=False).encode()


def _json_item(entry: Entry) -> dict[str, object]:
    item: dict[str, object] = {
        "id": entry.url,
        "url": entry.url,
        "title": entry.title,
        "content_text": entry.text or entry.title,
        "date_published": entry.published.isoformat(),
        "tags": list(entry.categories),
    }
    if entry.image:
        item["image"] = entry.image
    if entry.stream:
        attachment: dict[str, object] = {"url": entry.stream, "mime_type": HLS}
        if entry.duration:
            attachment["duration_in_seconds"] = round(entry.duration)
        item["attachments"] = [attachment]
    return item


def _html(text: str) -> str:
    """Plain text as the HTML that readers expect in a description."""
    return "<br>".join(str(linkify(line)) for line in text.splitlines())


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
    if text is not None:
        child.text = clean(text)
    return child


def _bytes(root: Element) -> bytes:
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


@dataclass(frozen=True)
class Format:
    """One way to write a feed, and its media type."""

    name: str
    file: str
    media_type: str
    write: Callable[[Feed], bytes]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        one.file: one
        for one in (
            Format("RSS", "feed.rss", "application/rss+xml", rss),
            Format("Atom", "feed.atom", "application/atom+xml", atom),
            Format("JSON Feed", "feed.json", "application/feed+json", json_feed),
            Format("Podcast", "podcast.rss", "application/rss+xml", podcast),
        )
    }
)
