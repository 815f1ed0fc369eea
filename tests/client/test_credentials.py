"""With what the command line proves itself."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from vlog.client.credentials import chosen_auth
from vlog.errors import ConfigurationError
from vlog.settings import AdminSettings, Settings


def _secret(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return path


def _sent(auth: httpx.Auth | None) -> str | None:
    request = httpx.Request("GET", "http://localhost/")
    if auth is not None:
        next(auth.sync_auth_flow(request))
    found: str | None = request.headers.get("authorization")
    return found


def test_options_come_before_the_environment_and_that_before_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, password = _secret(tmp_path, "t", "vlog_a"), _secret(tmp_path, "p", "pass:word")
    configured = Settings(admin=AdminSettings(password_file=str(_secret(tmp_path, "c", "other"))))
    basic = "Basic YWRtaW46cGFzczp3b3Jk"
    assert _sent(chosen_auth(Settings(), None, None)) is None
    assert _sent(chosen_auth(configured, None, None)) == "Basic YWRtaW46b3RoZXI="
    monkeypatch.setenv("VLOG_TOKEN", " vlog_b ")
    assert _sent(chosen_auth(configured, None, None)) == "Bearer vlog_b"
    assert _sent(chosen_auth(configured, token, None)) == "Bearer vlog_a"
    assert _sent(chosen_auth(configured, None, password)) == basic
    with pytest.raises(ConfigurationError, match="not both"):
        chosen_auth(configured, token, password)
    token.chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"token file.*chmod"):
        chosen_auth(configured, token, None)
