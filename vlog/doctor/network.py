"""Ports and addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from vlog.doctor.findings import Finding, broken, warning, well
from vlog.errors import StartError
from vlog.process.sockets import bind
from vlog.settings import Settings

_SECONDS = 3.0


def port(section: str, host: str, number: int) -> Finding:
    """Whether VLog answers at a port, or could.

    Args:
        section: of the configuration: public or admin.
        host: the address that is bound.
        number: the port.
    """
    name = f"{section} port"
    try:
        bind(host, number, section).close()
    except StartError as error:
        if _is_ours(host, number):
            return well(name, f"VLog answers on port {number}.")
        return broken(name, error.detail, f"See who has it with: ss -ltnp 'sport = :{number}'")
    return well(name, f"Port {number} is free.")


def _is_ours(host: str, number: int) -> bool:
    local = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    address = f"[{local}]" if ":" in local else local
    try:
        answer = httpx.get(f"http://{address}:{number}/healthz", timeout=_SECONDS, trust_env=False)
        return answer.status_code == 200 and "problems" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False


def base_url(settings: Settings) -> Finding:
    """Whether links to the site lead anywhere."""
    name, address = "base_url", settings.public.base_url
    if not address:
        return well(name, "No `[public] base_url` is set; links name the host that was asked for.")
    parts = urlsplit(address)
    cure = "Set `[public] base_url` to what visitors type, such as https://video.example.org"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return broken(name, f"{address} is not a whole address.", cure)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return broken(
            name, f"{address} has a path, but VLog serves from the root of its host.", cure
        )
    if parts.hostname == "localhost" or parts.hostname.startswith("127."):
        return warning(name, f"{address} means another machine for each visitor.", cure)
    return well(name, f"Links lead to {address}.")
