"""How VLog is reached, and how it reaches others."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import NoDecode

from vlog.settings.fields import MOST_BYTES, Port, Section, Words, split

# A host as the Content-Security-Policy writes it, with a scheme before and a port behind.
FRAME_SOURCE = re.compile(r"(?:https?://)?(?:\*\.)?[A-Za-z0-9.-]+(?::[0-9]{1,5})?")


class TlsSettings(Section):
    tls_certificate: str = Field(
        "", description="PEM file with the certificate and its chain, for HTTPS without a proxy"
    )
    tls_key: str = Field("", description="PEM file with the certificate's key")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("`tls_certificate` and `tls_key` are needed together")
        return self


class PublicSettings(TlsSettings):
    host: str = Field(
        "0.0.0.0", description="Address of the public site; 0.0.0.0 for all interfaces"
    )
    port: Port = Field(9000, description="Port of the public site")
    base_url: str = Field(
        "", description="How visitors reach the site, such as https://video.example.org"
    )
    cache_bytes: int = Field(
        134_217_728,
        ge=0,
        le=MOST_BYTES,
        description="Memory for segments that several people watch; 0 to read all from the disk",
    )
    embed_domains: Words = Field(
        (),
        description="Sites that may embed videos, such as blog.example.org; empty for all of them",
    )

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        try:
            urlsplit(address)
        except ValueError:
            raise ValueError(
                "must be an address such as https://video.example.org, or empty"
            ) from None
        return address

    @field_validator("embed_domains")
    @classmethod
    def _are_sources(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if not FRAME_SOURCE.fullmatch(domain):
                raise ValueError(f"{domain} is not a host name, such as blog.example.org")
        return domains


class AdminSettings(TlsSettings):
    host: str = Field(
        "127.0.0.1",
        description="Address of the admin panel; needs a password (vlog passwd) unless loopback",
    )
    port: Port = Field(9001, description="Port of the admin panel")
    password_file: str = Field(
        "",
        description="File with the panel's password that only you can read; empty for vlog passwd",
    )
    allowed_hosts: Words = Field(
        (),
        description="Host names under which both ports answer, beside IP addresses and localhost",
    )
    session_idle_hours: float = Field(
        72.0, gt=0, le=8760, description="A browser that is not used for so long is signed out"
    )
    session_days: float = Field(
        30.0, gt=0, le=366, description="A browser has to sign in again after so long in any case"
    )
    audit_retention_days: int = Field(
        365, ge=1, le=36_500, description="Days that it is kept who did what in the panel"
    )


def _is_network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text} is no address or network, such as 10.0.0.0/8") from None
    return text


class DeliverySettings(Section):
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_is_network)], ...],
        NoDecode,
        BeforeValidator(split),
    ] = Field(
        ("127.0.0.0/8", "::1/128"),
        description="Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
    )
    send_file: Literal["", "x-accel-redirect", "x-sendfile"] = Field(
        "", description="Let a trusted proxy send segments: x-accel-redirect or x-sendfile"
    )
    cdn_url: str = Field(
        "",
        pattern=r"^$|^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$",
        description="Where players load segments of public videos, such as https://cdn.example.org",
    )


class WebhookSettings(Section):
    timeout_seconds: float = Field(
        15.0, gt=0, le=60, description="A receiver that has not answered after this long has failed"
    )
    max_attempts: int = Field(8, ge=1, le=20, description="Attempts at one delivery")
    retry_backoff_seconds: float = Field(
        10.0, ge=0, le=3600, description="Pause after the first failed attempt; it grows fourfold"
    )
    retention_days: int = Field(
        30, ge=1, le=3650, description="Days that the log of deliveries is kept"
    )
    allow_private_addresses: bool = Field(
        False, description="Deliver to this machine and to private networks too"
    )


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
