"""Ports and addresses."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from vlog.doctor.findings import Finding, broken, warning, well
from vlog.errors import StartError
from vlog.process.certificates import Certificate
from vlog.process.sockets import bind
from vlog.settings import AdminSettings, PublicSettings, Settings

_SECONDS = 3.0


def port(section: str, listening: PublicSettings | AdminSettings) -> Finding:
    """Whether VLog answers at the port of a section of the configuration, or could."""
    name, host, number = f"{section} port", listening.host, listening.port
    scheme = "https" if listening.tls_certificate else "http"
    try:
        bind(host, number, section).close()
    except StartError as error:
        if _is_ours(scheme, host, number):
            return well(name, f"VLog answers on port {number}.")
        return broken(name, error.detail, f"See who has it with: ss -ltnp 'sport = :{number}'")
    return well(name, f"Port {number} is free.")


def _is_ours(scheme: str, host: str, number: int) -> bool:
    local = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    address = f"[{local}]" if ":" in local else local
    try:
        # Whose name the certificate has does not matter here.
        answer = httpx.get(
            f"{scheme}://{address}:{number}/healthz",
            timeout=_SECONDS,
            trust_env=False,
            verify=False,
        )
        return answer.status_code == 200 and "problems" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False


def certificate(section: str, listening: PublicSettings | AdminSettings) -> Finding:
    """Whether the files for HTTPS can be read and belong together."""
    name = f"{section} certificate"
    if not listening.tls_certificate:
        return well(name, f"The {section} port speaks HTTP; a proxy may add HTTPS.")
    try:
        Certificate(Path(listening.tls_certificate), Path(listening.tls_key))
    except StartError as error:
        return broken(name, error.detail, f"Correct `[{section}] tls_certificate` and `tls_key`.")
    return well(name, f"The {section} port speaks HTTPS.")


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
