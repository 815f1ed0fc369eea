"""API tokens: made once, used by programs, revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.web.panel import A_PAGE, PASSWORD, Panel, bearer
from vlog.catalog import api_tokens
from vlog.database.schema import ApiToken
from vlog.database.types import now


async def test_a_token_is_made_used_and_revoked_by_the_api(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    until = (now() + timedelta(days=1)).isoformat()
    async with closed_panel.client() as owner:
        owner.auth = ("admin", PASSWORD)
        wish = {"name": " nightly  backup ", "scopes": ["upload", "read"], "expires_at": until}
        made = (await owner.post("/api/tokens", json=wish)).json()
        assert made["name"] == "nightly backup"
        assert made["scopes"] == ["read", "upload"]
        assert made["token"].startswith("vlog_")
        assert made["token"].endswith(made["ending"])
        (listed,) = (await owner.get("/api/tokens")).json()["tokens"]
        assert "token" not in listed
        assert (listed["last_used_at"], listed["expired"]) == (None, False)
        program = bearer(made["token"])
        async with closed_panel.client(program | {"x-forwarded-for": "203.0.113.7"}) as other:
            assert (await other.get("/api/videos")).status_code == 200
            assert (await other.delete("/api/videos/1")).status_code == 403
            assert (await other.get("/api/tokens")).status_code == 403
        (listed,) = (await owner.get("/api/tokens")).json()["tokens"]
        assert listed["last_address"] == "203.0.113.7"
        assert listed["last_used_at"] is not None
        async with closed_panel.database.read() as session:
            (row,) = await session.scalars(select(ApiToken))
        assert made["token"] not in repr(vars(row))
        assert (await owner.delete(f"/api/tokens/{made['id']}")).status_code == 204
        assert (await owner.delete(f"/api/tokens/{made['id']}")).status_code == 404
    async with closed_panel.client(program) as other:
        refused = await other.get("/api/videos")
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credential")


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "  ", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "scopes": ["read"], "expires_at": "2040-01-01T00:00:00"},
        {"name": "x", "scopes": ["read"], "token": "vlog_mine"},
    ],
)
async def test_a_wrong_wish_makes_no_token(closed_panel: Panel, wish: dict[str, Any]) -> None:
    async with closed_panel.client() as local:
        assert (await local.post("/api/tokens", json=wish)).status_code == 422
        assert (await local.get("/api/tokens")).json() == {"tokens": []}


async def test_there_is_an_end_to_tokens(
    closed_panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tokens, "MOST", 1)
    async with closed_panel.client() as local:
        wish = {"name": "x", "scopes": ["read"]}
        answers = [(await local.post("/api/tokens", json=wish)).status_code for _ in range(2)]
    assert answers == [201, 409]


async def test_the_page_makes_a_token_and_shows_it_once(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    async with closed_panel.client(A_PAGE) as owner, closed_panel.client(A_PAGE) as other:
        for client in (owner, other):
            await client.post("/sign-in", data={"password": PASSWORD})
        nameless = await owner.post("/account/tokens", data={"scope": "edit", "days": "365"})
        assert nameless.status_code == 422
        assert re.search(r'value="edit"[^>]* checked', nameless.text)
        assert '<option value="365" selected>' in nameless.text
        odd = await owner.post("/account/tokens", data={"name": "x", "scope": "edit", "days": "7"})
        assert odd.status_code == 422
        wish = {"name": "<ci>", "scope": ["read", "upload"], "days": "never"}
        made = await owner.post("/account/tokens", data=wish)
        assert made.status_code == 303
        there = made.headers["location"]
        assert "data-new-token" not in (await other.get(there)).text
        page = (await owner.get(there)).text
        assert "&lt;ci&gt;" in page
        token = re.search(r'value="(vlog_[\w-]+)"', page)
        assert token is not None
        assert token[1] not in (await owner.get(there)).text
        async with closed_panel.client(bearer(token[1])) as program:
            assert (await program.get("/api/videos")).status_code == 200
            number = (await owner.get("/api/tokens")).json()["tokens"][0]["id"]
            revoked = await owner.post(f"/account/tokens/{number}/revoke")
            assert revoked.headers["location"] == "/account?done=token"
            assert (await program.get("/api/videos")).status_code == 401
