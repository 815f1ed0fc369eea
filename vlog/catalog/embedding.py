"""On which other sites a video may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from vlog.errors import Invalid
from vlog.settings import FRAME_SOURCE

MOST_DOMAINS = 50
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class EmbedRule:
    """`sources` as the Content-Security-Policy writes them: None is every site, empty is none."""

    sources: tuple[str, ...] | None

    @property
    def open_to_all(self) -> bool:
        """Whether every site may show the video."""
        return self.sources is None

    @property
    def nowhere(self) -> bool:
        """Whether no site but our own may show the video."""
        return self.sources == ()

    @property
    def ancestors(self) -> str:
        """The value of `frame-ancestors` (Content Security Policy Level 3, 6.4.2)."""
        return "*" if self.sources is None else " ".join(self.sources) or "'none'"

    def permits(self, address: str) -> bool:
        """Whether the page at an address may show the video."""
        return self.sources is None or any(_matches(one, address) for one in self.sources)


def rule_of(own: Sequence[str] | None, site: Sequence[str]) -> EmbedRule:
    """The rule of a video with domains of its `own`, or else the one of the site: none is all."""
    if own is not None:
        return EmbedRule(tuple(own))
    return EmbedRule(tuple(site) or None)


def checked(domains: Sequence[str]) -> list[str]:
    """Domains as a person wrote them, as sources. Raises Invalid."""
    found: dict[str, None] = {}
    for domain in domains:
        source = domain.strip().rstrip("/").lower()
        if not FRAME_SOURCE.fullmatch(source):
            raise Invalid(f"“{domain}” is not the name of a site, such as blog.example.org.")
        found[source] = None
    if len(found) > MOST_DOMAINS:
        raise Invalid(f"A video takes at most {MOST_DOMAINS} sites.")
    return list(found)


def _matches(source: str, address: str) -> bool:
    """As browsers compare them; without a scheme both http and https are meant."""
    scheme, _, host = source.rpartition("://")
    name, _, port = host.partition(":")
    try:
        asked = urlsplit(address)
        asked_port = asked.port or _PORTS.get(asked.scheme)
    except ValueError:
        return False
    asked_name = (asked.hostname or "").lower()
    if asked.scheme not in _PORTS or (scheme and scheme != asked.scheme):
        return False
    if asked_port != (int(port) if port else _PORTS[asked.scheme]):
        return False
    if name.startswith("*."):
        return asked_name.endswith(name[1:])
    return asked_name == name
