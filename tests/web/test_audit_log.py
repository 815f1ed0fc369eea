"""The audit log: who did what to what, when, from where, and what came of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import anyio
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from tests.web.panel import A_PAGE, ELSEWHERE, PASSWORD, Panel, bearer
from vlog.access_keeping import AccessKeeper
from vlog.catalog import audit
from vlog.catalog.audit import Actor, Deed
from vlog.database.schema import AuditEntry
from vlog.database.types import now
from vlog.web.api_uploads import ONE_UPLOAD
from vlog.web.callers import Caller
from vlog.web.presence import Presence


async def test_everything_that_writes_is_noted_with_its_actor(closed_panel: Panel) -> None:
    firefox = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145"}
    await closed_panel.set_password()
    async with closed_panel.client(firefox | ELSEWHERE) as owner:
        await owner.post("/sign-in", data={"password": "a guess"})
        await owner.post("/sign-in", data={"password": PASSWORD})
        await owner.post("/api/categories", json={"name": "Boats"})
        await owner.get("/api/categories")
        await owner.post("/account/tokens", data={"name": "ci", "scope": "edit", "days": "30"})
        await owner.post("/sign-out")
    token = await closed_panel.token("edit")
    async with closed_panel.client(bearer(token)) as program:
        await program.delete("/api/categories/1")
        await program.delete("/api/categories/1")
        await program.delete("/api/tokens/1")
    found = [
        (e["actor_kind"], e["actor_name"], e["summary"], e["target"], e["status"], e["address"])
        for e in reversed(await closed_panel.audit())
    ]
    here, there, browser = "127.0.0.1", "203.0.113.9", "Firefox on Windows"
    assert found == [
        ("session", "python-httpx/0.28.1", "Set the first password", "", 303, here),
        ("stranger", "", "Sign in", "", 401, there),
        ("session", browser, "Sign in", "", 303, there),
        ("session", browser, "Add a category", "Category 1, “Boats”", 201, there),
        ("session", browser, "Make an API token", "Token 1, “ci”", 303, there),
        ("session", browser, "Sign out", "", 303, there),
        ("password", "", "Make an API token", "Token 2, “edit”", 201, here),
        ("token", "edit", "Remove a category", "Category 1, “Boats”", 204, here),
        ("token", "edit", "Remove a category", "Category 1", 404, here),
        ("token", "edit", "Scope is missing", "DELETE /api/tokens/1 (admin)", 403, here),
    ]


async def test_parts_of_a_file_are_noted_as_one_upload(closed_panel: Panel) -> None:
    answers = iter([204, 204, 409, 204])

    async def take_part(request: Request) -> Response:
        status = next(answers)
        last = status == 204 and request.headers["upload-offset"] == "9"
        return Response(status_code=status, headers={"vlog-video-id": "5"} if last else {})

    route = next(one for one in closed_panel.routes() if one.path == ONE_UPLOAD)
    route.app = type(route)("/", take_part).app
    async with closed_panel.client() as local:
        for offset in ("0", "3", "4", "9"):
            await local.patch("/api/uploads/u", headers={"upload-offset": offset})
    await closed_panel.set_password()
    found = [(e["action"], e["target"], e["status"]) for e in await closed_panel.audit()]
    assert found[1:] == [
        ("continue_upload", "Video 5", 204),
        ("continue_upload", "/api/uploads/u", 409),
    ]


async def test_a_failure_of_ours_and_an_answer_that_nobody_got_are_noted(
    closed_panel: Panel,
) -> None:
    begun = asyncio.Event()

    async def fail(request: Request) -> Response:
        if request.method == "POST":
            raise RuntimeError("a defect")
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    route = next(one for one in closed_panel.routes() if one.path == "/api/videos/{video_id:int}")
    route.app = type(route)("/", fail).app
    route.methods = {"POST", "DELETE"}
    async with closed_panel.client() as local:
        assert (await local.post("/api/videos/1")).status_code == 500
        given_up = asyncio.create_task(local.delete("/api/videos/1"))
        await begun.wait()
        given_up.cancel()
        await asyncio.wait([given_up])
    await closed_panel.set_password()
    statuses = [entry["status"] for entry in await closed_panel.audit()]
    assert statuses == [303, None, 500]


async def test_strangers_cannot_fill_the_log(closed_panel: Panel) -> None:
    await closed_panel.set_password()
    async with closed_panel.client(bearer("vlog_guess") | ELSEWHERE) as stranger:
        for _ in range(30):
            assert (await stranger.get("/api/videos")).status_code == 401
    async with closed_panel.client(ELSEWHERE) as stranger:
        assert (await stranger.delete("/api/videos/1")).status_code == 401
    kinds = [entry["actor_kind"] for entry in await closed_panel.audit()]
    assert kinds == ["stranger"] * 10 + ["session"]


async def _fill(panel: Panel, count: int) -> None:
    async def work(session: AsyncSession) -> None:
        for number in range(count):
            deed = Deed("try", f"Deed {number}", "<thing>", 200)
            audit.note(session, Actor("machine", "root"), "", deed)

    await panel.database.write(work)


async def test_the_log_is_read_page_by_page(closed_panel: Panel) -> None:
    await _fill(closed_panel, 120)
    async with closed_panel.client(A_PAGE) as local:
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = (await local.get(f"/api/audit?limit=50&cursor={cursor}")).json()
            seen += [entry["summary"] for entry in page["entries"]]
            cursor = page["next_cursor"]
        assert seen == [f"Deed {number}" for number in reversed(range(120))]
        for wrong in ("nonsense", "WyJ4Il0", "WzEsMl0"):
            assert (await local.get(f"/api/audit?cursor={wrong}")).status_code == 400
        shown = await local.get("/audit-log")
        assert "Deed 119" in shown.text
        assert "&lt;thing&gt;" in shown.text
        assert "Deed 69" not in shown.text
        older = shown.text.partition('href="/audit-log?cursor=')[2].partition('"')[0]
        second = await local.get(f"/audit-log?cursor={older}")
        assert "Deed 69" in second.text
        assert 'href="/audit-log"' in second.text


async def test_what_is_old_is_forgotten(closed_panel: Panel) -> None:
    await _fill(closed_panel, 1600)

    async def age(session: AsyncSession) -> None:
        past = now() - timedelta(days=366)
        await session.execute(update(AuditEntry).where(AuditEntry.id <= 1400).values(at=past))

    await closed_panel.database.write(age)
    await AccessKeeper(closed_panel.access).prune(anyio.Event())
    async with closed_panel.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 200


async def test_what_goes_on_ends_with_its_session_or_token(closed_panel: Panel) -> None:
    open_streams: list[str] = []
    all_open = asyncio.Event()

    async def stream(request: Request) -> Response:
        open_streams.append(request.headers.get("authorization", "session"))
        if len(open_streams) == 3:
            all_open.set()
        await asyncio.Event().wait()
        raise AssertionError

    await closed_panel.set_password()
    revoked, kept = await closed_panel.token("read"), await closed_panel.token("read")
    moment = 0.0
    closed_panel.access.presence = Presence(clock=lambda: moment)
    route = next(one for one in closed_panel.routes() if one.path == "/api/videos")
    route.app = type(route)("/", stream).app
    async with closed_panel.client() as owner, closed_panel.client() as program:
        await owner.post("/sign-in", data={"password": PASSWORD})
        tasks = [
            asyncio.create_task(owner.get("/api/videos")),
            asyncio.create_task(program.get("/api/videos", headers=bearer(revoked))),
            asyncio.create_task(program.get("/api/videos", headers=bearer(kept))),
        ]
        await all_open.wait()
        await program.delete("/api/tokens/1", auth=("admin", PASSWORD))
        await program.delete("/api/sessions", auth=("admin", PASSWORD))
        keeper = AccessKeeper(closed_panel.access)
        await keeper.end_strangers()
        # What is as short as every other request is left alone.
        assert not any(task.done() for task in tasks)
        moment = 10.0
        await keeper.end_strangers()
        await asyncio.wait(tasks[:2])
        assert not tasks[2].done()
        tasks[2].cancel()
        await asyncio.wait(tasks)
    assert closed_panel.access.presence.numbers("token") == set()


async def test_presence_knows_who_stays() -> None:
    moment = 0.0
    presence = Presence(clock=lambda: moment)
    with presence.of(Caller("token", frozenset(), "ci", 4)):
        assert presence.numbers("token") == set()
        moment = 3.0
        assert (presence.numbers("token"), presence.numbers("session")) == ({4}, set())
    assert presence.numbers("token") == set()
