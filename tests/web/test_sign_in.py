"""Setting the first password, signing in and out, and how long that lasts."""

from __future__ import annotations

import re
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import anyio
import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.panel import A_PAGE, AT, CHEAP, ELSEWHERE, PASSWORD, Panel, panel
from vlog import password_hashing
from vlog.access_keeping import AccessKeeper
from vlog.catalog import passwords
from vlog.database.engine import Database
from vlog.database.schema import AdminSession, Password
from vlog.database.types import now
from vlog.errors import PasswordNeeded
from vlog.settings import AdminSettings, PublicSettings, Settings
from vlog.web import password_door
from vlog.web.forms import inner_address
from vlog.web.password_door import Proof
from vlog.web.set_up_link import SECONDS, SetUpLink

OTHER = "another battery staple"


async def _sign_in(client: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/sign-in", data={"password": password})


def _alert(answer: httpx.Response) -> str:
    found = re.search(r'role="alert"(?: id="error")?>([^<]*)', answer.text)
    assert found is not None, answer.text
    return found[1]


async def test_without_a_password_the_panel_is_for_this_machine_alone(closed_panel: Panel) -> None:
    async with closed_panel.client(A_PAGE) as local:
        page = await local.get("/categories")
        assert page.status_code == 200
        assert 'href="/set-up"' in page.text
        assert (await local.get("/sign-in?next=/categories")).headers["location"] == "/categories"
    for headers, address in ((ELSEWHERE, "127.0.0.1"), ({}, "203.0.113.9")):
        async with closed_panel.client(A_PAGE | headers, address=address) as stranger:
            sent_away = await stranger.get("/categories?a=1&b=2")
            assert sent_away.status_code == 303
            asked = await stranger.get(sent_away.headers["location"])
            assert 'name="next" value="/categories?a=1&amp;b=2"' in asked.text
            assert "vlog passwd" in _alert(asked)
            assert (await _sign_in(stranger)).status_code == 409
            assert (await stranger.get("/set-up")).status_code == 403
            assert (await stranger.get("/api/videos", auth=("admin", ""))).status_code == 401


async def test_the_link_sets_the_first_password_once(closed_panel: Panel) -> None:
    text = await closed_panel.access.invitation(AT)
    link = text.rpartition("\n")[2]
    async with closed_panel.client(A_PAGE | ELSEWHERE) as owner:
        assert (await owner.get(f"{link}x")).status_code == 403
        page = await owner.get(link)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
        key = link.partition("=")[2]
        for password, again, words in (
            ("short", "short", "at least 12"),
            (PASSWORD, OTHER, "not the same"),
            ("x" * 1001, "x" * 1001, "at most"),
        ):
            wrong = {"key": key, "password": password, "again": again}
            refused = await owner.post("/set-up", data=wrong)
            assert refused.status_code == 422
            assert words in _alert(refused)
            assert f'value="{key}"' in refused.text
        right = {"key": key, "password": PASSWORD, "again": PASSWORD}
        done = await owner.post("/set-up", data=right)
        assert (done.status_code, done.headers["location"]) == (303, "/account?done=password")
        assert (await owner.get("/account")).status_code == 200
        # It is used up, and the panel is closed for everybody else.
        assert (await owner.post("/set-up", data=right)).status_code == 403
        assert (await owner.get(link)).headers["location"] == "/sign-in"
    async with closed_panel.client(A_PAGE) as local:
        assert (await local.get("/")).status_code == 303
        assert (await local.post("/set-up", data=right)).status_code == 403
    assert await closed_panel.access.invitation(AT) == ""


def test_a_set_up_link_works_for_a_day_and_until_the_next_one() -> None:
    moment = 0.0
    link = SetUpLink(clock=lambda: moment)
    assert not link.opens("")
    first = link.make(AT).partition("=")[2]
    second = link.make(AT).partition("=")[2]
    assert (link.opens(first), link.opens(second)) == (False, True)
    moment = SECONDS
    assert not link.opens(second)


async def test_two_who_set_the_first_password_at_once(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    async with closed_panel.client() as late:
        answer = await late.post("/set-up", data={"password": OTHER, "again": OTHER})
        assert answer.status_code == 403
        assert (await late.get("/", auth=("admin", PASSWORD))).status_code == 200


async def test_signing_in_and_out(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    async with closed_panel.client(A_PAGE | ELSEWHERE) as owner:
        wrong = await _sign_in(owner, "wrong horse battery")
        assert wrong.status_code == 401
        assert _alert(wrong) == "That password is not right."
        data = {"password": PASSWORD, "next": "/categories?x=1"}
        signed_in = await owner.post("/sign-in", data=data)
        assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/categories?x=1")
        first = owner.cookies["vlog_session"]
        assert (await owner.get("/")).status_code == 200
        assert (await owner.get("/sign-in")).status_code == 303
        # Another one in the same browser ends the one before.
        await _sign_in(owner)
        assert owner.cookies["vlog_session"] != first
        listed = (await owner.get("/api/sessions")).json()["sessions"]
        assert [one["current"] for one in listed if one["address"] == "203.0.113.9"] == [True]
        kept = dict(owner.cookies)
        assert (await owner.post("/sign-out")).headers["location"] == "/sign-in"
        assert "vlog_session" not in owner.cookies
        assert (await owner.get("/")).status_code == 303
        assert (await owner.get("/", headers=_cookie(kept["vlog_session"]))).status_code == 303


def _cookie(token: str, name: str = "vlog_session") -> dict[str, str]:
    return {"cookie": f"{name}={token}"}


async def test_only_the_hash_of_a_session_is_stored(closed_panel: Panel, tmp_path: Path) -> None:
    await closed_panel.set_password()
    async with closed_panel.client() as owner:
        await _sign_in(owner)
        token = owner.cookies["vlog_session"]
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("vlog.db*"))
    assert b"argon2id" in stored
    for secret in (token, PASSWORD):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("base_url", "at", "headers", "secure"),
    [
        ("", AT, {}, False),
        ("", "https://127.0.0.1", {}, True),
        ("", AT, {"x-forwarded-proto": "https", **ELSEWHERE}, True),
        ("https://v.example.org", "http://v.example.org:9443", {}, True),
        ("https://v.example.org", "http://v.example.org", {}, True),
        # Straight to the panel's port there is no TLS, and a secure cookie would be lost.
        ("https://v.example.org", "http://v.example.org:9001", {}, False),
        ("https://v.example.org", AT, {}, False),
        ("https://v.example.org", "http://v.example.org", {"x-forwarded-proto": "http"}, False),
    ],
)
async def test_the_cookie_is_as_strict_as_the_way_allows(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    at: str,
    headers: dict[str, str],
    secure: bool,
) -> None:
    monkeypatch.setattr(password_hashing, "_hasher", CHEAP)
    made = panel(database, Settings(public=PublicSettings(base_url=base_url)))
    await made.set_password()
    async with made.client(headers, at=at) as owner:
        told = (await _sign_in(owner)).headers["set-cookie"]
        ((name, cookie),) = SimpleCookie(told).items()
        assert name == ("__Host-vlog_session" if secure else "vlog_session")
        assert bool(cookie["secure"]) is secure
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("lax", "/", "")
        assert int(cookie["max-age"]) == 30 * 86400
        sent = _cookie(cookie.value, name)
        assert (await owner.get("/api/videos", headers=sent)).status_code == 200
        # Where there is TLS a cookie that came without it is not believed.
        other = _cookie(cookie.value, "vlog_session" if secure else "__Host-vlog_session")
        owner.cookies.clear()
        assert (await owner.get("/api/videos", headers=other)).status_code == 401


async def test_a_session_ends_when_it_is_idle_and_in_any_case(closed_panel: Panel) -> None:
    await closed_panel.set_password()

    async def change(**values: object) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(update(AdminSession).values(**values))

        await closed_panel.database.write(work)

    async with closed_panel.client() as owner:
        for values in (
            {"last_seen_at": now() - timedelta(hours=72, seconds=1)},
            {"expires_at": now() - timedelta(seconds=1)},
        ):
            await _sign_in(owner)
            assert (await owner.get("/api/videos")).status_code == 200
            await change(last_seen_at=now() - timedelta(hours=71))
            assert (await owner.get("/api/videos")).status_code == 200
            await change(**values)
            assert (await owner.get("/api/videos")).status_code == 401
    keeper = AccessKeeper(closed_panel.access)
    await keeper.prune(anyio.Event())
    async with closed_panel.database.read() as session:
        left = list(await session.scalars(select(AdminSession.expires_at)))
    assert all(until > now() for until in left)


async def test_guessing_is_slow_and_does_not_shut_out_others(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    guesser = {"x-forwarded-for": "203.0.113.66"}
    async with closed_panel.client(guesser) as stranger:
        answers = [(await _sign_in(stranger, f"guess number {n}")).status_code for n in range(12)]
        assert answers == [401] * 10 + [429] * 2
        limited = await _sign_in(stranger, PASSWORD)
        assert limited.status_code == 429
        assert "Wait" in _alert(limited)
        by_basic = await stranger.get("/api/videos", auth=("admin", PASSWORD))
        assert by_basic.status_code == 429
    async with closed_panel.client(ELSEWHERE) as owner:
        assert (await _sign_in(owner)).status_code == 303


async def test_a_program_with_the_password_is_compared_slowly_once(
    closed_panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed_panel.set_password("pässwörd for all")
    compared: list[str] = []

    def counted(password: str, hashed: str) -> bool:
        compared.append(password)
        return password_hashing.is_password(password, hashed)

    monkeypatch.setattr(password_door, "is_password", counted)
    async with closed_panel.client() as program:
        for _ in range(30):
            answer = await program.get("/api/videos", auth=("admin", "pässwörd for all"))
            assert answer.status_code == 200
        assert len(compared) == 1
        for user, password in (("admin", "wrong"), ("root", "pässwörd for all"), ("", "")):
            refused = await program.get("/api/videos", auth=(user, password))
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == 'Bearer realm="VLog admin"'
        # A password that looks the same and is written in other code points is the same.
        assert (await _sign_in(program, "pa\u0308sswo\u0308rd for all")).status_code == 303


async def test_an_old_hash_is_made_anew_when_somebody_signs_in(
    closed_panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed_panel.set_password()
    stronger = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    monkeypatch.setattr(password_hashing, "_hasher", stronger)
    async with closed_panel.client() as owner:
        for _ in range(2):
            assert (await _sign_in(owner)).status_code == 303
    async with closed_panel.database.read() as session:
        assert "t=2" in (await session.scalar(select(Password.hash)) or "")


async def test_changing_the_password_signs_out_the_others(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    async with closed_panel.client(A_PAGE) as owner, closed_panel.client() as other:
        await _sign_in(owner)
        await _sign_in(other)
        change = {"current": "wrong", "password": OTHER, "again": OTHER}
        refused = await owner.post("/account/password", data=change)
        assert (refused.status_code, _alert(refused)) == (401, "The present password is not right.")
        short = await owner.post("/account/password", data={"current": PASSWORD, "password": "x"})
        assert short.status_code == 422
        done = await owner.post("/account/password", data=change | {"current": PASSWORD})
        assert done.status_code == 303
        assert "The password is set." in (await owner.get(done.headers["location"])).text
        assert (await other.get("/api/videos")).status_code == 401
        assert (await _sign_in(other)).status_code == 401
        assert (await _sign_in(other, OTHER)).status_code == 303


async def test_browsers_are_signed_out_one_by_one_and_all_at_once(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    firefox = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145"}
    async with closed_panel.client() as owner, closed_panel.client(firefox) as other:
        await _sign_in(owner)
        await _sign_in(other)
        listed = (await owner.get("/api/sessions")).json()["sessions"]
        (theirs,) = [one for one in listed if one["browser"] == "Firefox on Linux"]
        assert not theirs["current"]
        assert theirs["address"] == "127.0.0.1"
        ended = await owner.post(f"/account/sessions/{theirs['id']}/end")
        assert ended.headers["location"] == "/account?done=session"
        assert (await other.get("/api/videos")).status_code == 401
        assert (await owner.delete(f"/api/sessions/{theirs['id']}")).status_code == 404
        await _sign_in(other)
        everywhere = await owner.post("/account/sessions/end")
        assert everywhere.headers["location"] == "/sign-in"
        for client in (owner, other):
            assert (await client.get("/api/videos")).status_code == 401
        # A form of a page that is still open leads to signing in, not to a page of JSON.
        late = await owner.post("/account/tokens", data={"name": "late"})
        assert (late.status_code, late.headers["location"]) == (303, "/sign-in")


async def test_the_password_in_a_file_is_the_password(database: Database) -> None:
    made = panel(database, fixed_password="from the file")
    async with made.client(A_PAGE) as owner:
        assert (await owner.get("/set-up")).headers["location"] == "/sign-in"
        assert (await _sign_in(owner, "from another file")).status_code == 401
        assert (await _sign_in(owner, "from the file")).status_code == 303
        page = await owner.get("/account")
        assert "password_file" in page.text
        assert 'action="/account/password"' not in page.text
        change = {"current": "from the file", "password": OTHER, "again": OTHER}
        refused = await owner.post("/account/password", data=change)
        assert refused.status_code == 409
        assert (await owner.get("/", auth=("admin", "from the file"))).status_code == 200


async def test_another_password_in_the_file_signs_everybody_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_hashing, "_hasher", CHEAP)
    kept: list[bool] = []
    cookies = httpx.Cookies()
    for password in ("from the file", "from the file", "another one", None):
        made = panel(database, fixed_password=password)
        await made.access.require_password("127.0.0.1")
        async with made.client(ELSEWHERE) as owner:
            owner.cookies = cookies
            kept.append((await owner.get("/api/videos")).status_code == 200)
            if password is not None:
                await _sign_in(owner, password)
                cookies = owner.cookies
    assert kept == [False, True, False, False]


async def test_a_sign_in_that_a_new_password_overtakes_is_none(
    closed_panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed_panel.set_password()
    real = closed_panel.access.door.opens

    async def slow(password: str, network: str) -> Proof | None:
        proof = await real(password, network)
        hashed = password_hashing.hash_password(OTHER)
        await closed_panel.database.write(lambda session: passwords.store(session, hashed))
        return proof

    monkeypatch.setattr(closed_panel.access.door, "opens", slow)
    async with closed_panel.client() as late:
        assert (await _sign_in(late)).status_code == 401
        assert "vlog_session" not in late.cookies


async def test_an_open_address_needs_a_password(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_hashing, "_hasher", CHEAP)
    everywhere = Settings(admin=AdminSettings(host="0.0.0.0"))
    for settings, host in ((everywhere, "0.0.0.0"), (Settings(), "0.0.0.0")):
        with pytest.raises(PasswordNeeded, match="`vlog passwd`"):
            await panel(database, settings).access.require_password(host)
    await panel(database).access.require_password("127.0.0.1")
    await panel(database, everywhere, "from the file").access.require_password("0.0.0.0")
    # Not even somebody at this machine comes in without one.
    async with panel(database, everywhere).client() as local:
        assert (await local.get("/api/videos")).status_code == 401
    await panel(database).set_password()
    await panel(database, everywhere).access.require_password("0.0.0.0")


@pytest.mark.parametrize(
    ("asked", "onward"),
    [
        ("/", "/"),
        ("/videos/7?tab=captions", "/videos/7?tab=captions"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\nset-cookie: x", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_stays_here(asked: str, onward: str) -> None:
    assert inner_address(asked) == onward


async def test_a_form_that_is_none_is_refused(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    form = {"content-type": "application/x-www-form-urlencoded"}
    async with closed_panel.client() as client:
        for content, headers, status in (
            (b"{}", {"content-type": "application/json"}, 415),
            (b"password=%ff", form, 400),
            (b"&".join([b"a=b"] * 101), form, 400),
            (b"password=" + b"x" * 70_000, form, 413),
        ):
            answer = await client.post("/sign-in", content=content, headers=headers)
            assert answer.status_code == status


_PIECES = st.sampled_from(
    ("/", "\\", "//", "\t", "\n", "@", ":", "evil.example", "?", "#", ".", " ")
)


@hypothesis_settings(max_examples=100)
@given(st.lists(_PIECES | st.text(max_size=4), max_size=8).map("".join))
def test_nobody_is_led_elsewhere_after_signing_in(asked: str) -> None:
    # Browsers take a backslash for a slash, and leave tabs and line ends out.
    told = inner_address(asked).replace("\\", "/").translate({9: None, 10: None, 13: None})
    assert told.startswith("/")
    assert not told.startswith("//")
