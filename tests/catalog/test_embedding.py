from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.catalog.embedding import EmbedRule, checked, rule_of
from vlog.errors import Invalid


def test_a_video_without_a_rule_has_that_of_the_site() -> None:
    assert rule_of(None, ()).open_to_all
    assert rule_of(None, ("blog.example.org",)) == EmbedRule(("blog.example.org",))
    assert rule_of(["a.example.org"], ("b.example.org",)) == EmbedRule(("a.example.org",))
    assert rule_of([], ("b.example.org",)).nowhere
    assert not rule_of([], ()).open_to_all


def test_ancestors_are_written_as_browsers_read_them() -> None:
    assert EmbedRule(None).ancestors == "*"
    assert EmbedRule(()).ancestors == "'none'"
    assert EmbedRule(("a.org", "https://*.b.org:8443")).ancestors == "a.org https://*.b.org:8443"


@pytest.mark.parametrize(
    ("source", "page", "permitted"),
    [
        ("blog.example.org", "https://blog.example.org/post/1", True),
        ("blog.example.org", "http://BLOG.example.org/", True),
        ("blog.example.org", "https://example.org/", False),
        ("blog.example.org", "https://blog.example.org.evil.test/", False),
        ("blog.example.org", "https://evil.test/blog.example.org", False),
        ("blog.example.org", "https://blog.example.org@evil.test/", False),
        ("blog.example.org", "https://blog.example.org:8443/", False),
        ("blog.example.org:8443", "https://blog.example.org:8443/", True),
        ("blog.example.org:443", "https://blog.example.org/", True),
        ("https://blog.example.org", "http://blog.example.org/", False),
        ("*.example.org", "https://a.b.example.org/", True),
        ("*.example.org", "https://example.org/", False),
        ("*.example.org", "https://notexample.org/", False),
        ("blog.example.org", "null", False),
        ("blog.example.org", "https://blog.example.org:x/", False),
        ("blog.example.org", "", False),
    ],
)
def test_pages_are_compared_as_browsers_do(source: str, page: str, *, permitted: bool) -> None:
    assert EmbedRule((source,)).permits(page) is permitted
    assert EmbedRule(None).permits(page)
    assert not EmbedRule(()).permits(page)


def test_what_people_write_becomes_sources() -> None:
    assert checked([" Blog.Example.org/ ", "https://*.example.net:8443", "blog.example.org"]) == [
        "blog.example.org",
        "https://*.example.net:8443",
    ]
    assert checked([]) == []


@pytest.mark.parametrize(
    "domain", ["", "'none'", "*", "a.org; script-src *", "https://a.org/x", "a.org:٨"]
)
def test_what_is_no_site_is_refused(domain: str) -> None:
    with pytest.raises(Invalid, match="is not the name of a site"):
        checked([domain])


def test_there_are_not_too_many() -> None:
    with pytest.raises(Invalid, match="at most 50"):
        checked([f"site-{number}.org" for number in range(51)])


_HOSTS = st.sampled_from(
    ("blog.example.org", "*.example.org", "EXAMPLE.org", "a.org", "[::1]", ".")
)
_SOURCES = st.text(max_size=20) | st.builds(
    "{}{}{}".format,
    st.sampled_from(("", "http://", "https://", "//", "javascript:")),
    _HOSTS,
    st.sampled_from(("", ":", ":443", ":99999", ":٤٤٣", "/", "/x", ";", " ", "\n")),
)
_PAGES = st.text(max_size=30) | st.builds(
    "{}{}{}{}".format,
    st.sampled_from(("http://", "https://", "//", "https://[", "ftp://", "https://x@", "")),
    _HOSTS | st.just("evil.example"),
    st.sampled_from(("", ":443", ":80", ":x", ":99999", "@evil.example", "\\evil.example")),
    st.sampled_from(("", "/", "/watch/a", "?x", "#")),
)


@settings(max_examples=200)
@given(st.lists(_SOURCES, max_size=3), _PAGES)
def test_whatever_is_written_stays_a_list_of_sites(domains: list[str], page: str) -> None:
    try:
        rule = EmbedRule(tuple(checked(domains)))
    except Invalid:
        return
    # It becomes a header.
    assert rule.ancestors.isascii()
    assert rule.ancestors.isprintable()
    assert not {*";,"} & {*rule.ancestors}
    if rule.permits(page):
        host = urlsplit(page).hostname or ""
        names = [source.rpartition("://")[2].partition(":")[0] for source in rule.sources or ()]
        assert any(host == name or host.endswith(name.removeprefix("*")) for name in names)
