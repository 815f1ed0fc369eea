"""Playback analytics over HTTP: who is counted, what is refused, and what the admin reads."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request

from tests.catalog.viewings import add_video
from vlog.catalog.video_query import VideoQuery
from vlog.database.engine import Database
from vlog.settings import AnalyticsSettings, Settings
from vlog.web import api_analytics, api_playback, queries
from vlog.web.api_analytics import ANALYTICS_API
from vlog.web.api_playback import PLAYBACK_API
from vlog.web.callers import LOCAL, keep_caller
from vlog.web.csv_export import csv_bytes
from vlog.web.operations import routes_for
from vlog.web.problems import exception_handlers
from vlog.web.rate_limit import Once, RateLimit
from vlog.web.security import AdminBrowser, WriteProtection
from vlog.web.services import Services
from vlog.web.visits import Visits, network_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
BROWSER = {"user-agent": FIREFOX, "sec-fetch-site": "same-origin"}


@dataclass
class Site:
    """The two APIs over one database, and a clock that stands until it is moved."""

    database: Database
    settings: AnalyticsSettings
    clock: datetime = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
    visits: Visits = field(default_factory=Visits)

    def _app(self, *, public: bool) -> Starlette:
        layers = [Middleware(WriteProtection)]
        app = Starlette(
            routes=routes_for(PLAYBACK_API if public else ANALYTICS_API),
            middleware=layers if public else [*layers, Middleware(AdminBrowser)],
            exception_handlers=cast("Any", exception_handlers()),
        )
        app.state.services = SimpleNamespace(
            database=self.database,
            settings=Settings(analytics=self.settings),
            visits=self.visits,
        )
        return app

    @asynccontextmanager
    async def browser(
        self, address: str = "198.51.100.7", **headers: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody on the public site, with cookies of their own."""
        transport = httpx.ASGITransport(self._app(public=True), client=(address, 1))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://site.example", headers=BROWSER | named
        ) as client:
            yield client

    async def admin(self, path: str) -> Any:
        """What the admin's API says."""
        transport = httpx.ASGITransport(self._app(public=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
            answer = await client.get(f"/api/analytics{path}")
        assert answer.status_code == 200, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer

    def pass_time(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)


@pytest.fixture
def open_site(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Site]:
    def make(**settings: Any) -> Site:
        site = Site(database, AnalyticsSettings(**settings))
        for module in (api_playback, api_analytics):
            monkeypatch.setattr(module, "now", lambda: site.clock)
        return site

    return make


async def _begin(client: httpx.AsyncClient, video_id: int, **fields: object) -> str | None:
    answer = await client.post("/api/analytics/session", json={"video_id": video_id, **fields})
    assert answer.status_code == 200, answer.text
    token: str | None = answer.json()["session_token"]
    return token


async def _watch(site: Site, client: httpx.AsyncClient, video_id: int, seconds: float) -> bool:
    """Watch from the start; whether it was counted as a view."""
    token = await _begin(client, video_id)
    if token is None:
        return False
    site.pass_time(seconds)
    body = {"session_token": token, "sequence": 1, "ranges": [[0, seconds]]}
    answer = await client.post("/api/analytics/heartbeat", json=body)
    assert answer.status_code == 200, answer.text
    viewed: bool = answer.json()["viewed"]
    return viewed


async def test_a_viewing_is_begun_reported_and_ended(open_site: Callable[..., Site]) -> None:
    site = open_site()
    film = await add_video(site.database, "Film", 60, ("720p",))
    async with site.browser(origin="https://site.example") as client:
        began = await client.post("/api/analytics/session", json={"video_id": film})
        cookie = began.headers["set-cookie"].lower()
        assert "vlog_viewer=" in cookie
        for part in ("httponly", "samesite=lax", "path=/api/analytics", "max-age=34128000"):
            assert part in cookie
        assert "secure" in cookie
        assert began.json()["heartbeat_seconds"] == 30
        token = began.json()["session_token"]
        site.pass_time(30)
        body = {
            "session_token": token,
            "sequence": 1,
            "ranges": [[0, 30]],
            "rung_seconds": {"720p": 30},
            "startup_ms": 420,
        }
        answer = await client.post("/api/analytics/heartbeat", json=body)
        assert answer.json() == {"status": "ok", "duration_watched": 30, "viewed": True}
        site.pass_time(30)
        last = f'{{"session_token": "{token}", "sequence": 2, "ranges": [[0, 60]]}}'
        headers = {"content-type": "text/plain;charset=UTF-8"}
        ended = await client.post("/api/analytics/end", content=last, headers=headers)
        assert ended.json()["duration_watched"] == 60
    seen = await site.admin("/overview?timezone=Asia/Kathmandu")
    assert seen == {
        "total_views": 1,
        "unique_viewers": 1,
        "total_plays": 1,
        "total_watch_time_hours": 0.0167,
        "completion_rate": 1.0,
        "avg_watch_duration_seconds": 60.0,
        "views_today": 1,
        "views_this_week": 1,
        "views_this_month": 1,
        "viewers_are_counted": True,
        "is_enabled": True,
    }
    report = await site.admin(f"/videos/{film}?timezone=Europe/Berlin")
    assert report["retention"] == [100.0] * 60
    assert report["quality_breakdown"] == [{"quality": "720p", "percentage": 100, "seconds": 30}]
    assert report["startup_ms"] == {"p50": 420, "p95": 420}
    assert report["views_over_time"][-1] == {"date": "2026-05-06", "views": 1}
    assert (await site.admin("/videos"))["videos"][0]["avg_percent_watched"] == 100


async def test_ten_posts_in_a_second_count_a_second(open_site: Callable[..., Site]) -> None:
    site = open_site()
    film = await add_video(site.database, "Film", 3600)
    async with site.browser() as client:
        token = await _begin(client, film)
        answers = []
        for number in range(1, 11):
            site.pass_time(0.1)
            body = {
                "session_token": token,
                "sequence": number,
                "ranges": [[0, 30 * number]],
                "position": 30 * number,
                "completed": True,
                "rate": 1,
            }
            answers.append((await client.post("/api/analytics/end", json=body)).json())
    assert answers[-1] == {"status": "ok", "duration_watched": 3.0, "viewed": False}
    seen = await site.admin("/overview")
    assert (seen["total_views"], seen["completion_rate"]) == (0, 0)
    assert seen["avg_watch_duration_seconds"] == 3


LIES: list[dict[str, Any]] = [
    {"ranges": [[-1e9, 1e9]]},
    {"ranges": [[50, 10], [1e8, 1e9], [0, 0]]},
    {"ranges": [[0, 600]] * 200},
    {"ranges": [[0, 600]], "rate": 100},
    {"position": 1e9},
    {"position": -5, "playing": False},
    {"sequence": 10**9},
    {"quality": "=HYPERLINK(1)", "rung_seconds": {"=1+1": 1e9, "720p": 1e9}},
    {"startup_ms": 2**53, "stall_count": 2**53, "stall_ms": 2**53, "errors": 2**53},
    {"startup_ms": -(2**53), "stall_count": -1, "stall_ms": -1, "errors": -1},
]


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_in_any_field_counts_no_more_than_time(
    open_site: Callable[..., Site], lie: dict[str, Any]
) -> None:
    site = open_site()
    film = await add_video(site.database, "Film", 600, ("720p",))
    async with site.browser() as client:
        token = await _begin(client, film, referrer="=cmd|' /C calc'!A0")
        site.pass_time(3)
        for path in ("heartbeat", "end"):
            answer = await client.post(
                f"/api/analytics/{path}", json={"session_token": token} | lie
            )
            assert answer.status_code == 200, answer.text
    report = await site.admin(f"/videos/{film}")
    assert report["total_watch_time_seconds"] <= 2 * 3 + 2
    assert report["total_views"] == 0
    assert all(0 <= share <= 100 for share in report["retention"])
    assert [q["quality"] for q in report["quality_breakdown"]] in ([], ["720p"])
    assert sum(q["seconds"] for q in report["quality_breakdown"]) <= 5
    assert (report["stalls"], report["errors"]) <= (7, 4)
    assert report["referrers"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("session", b"{}", 422),
        ("session", b'{"video_id": 0}', 422),
        ("session", b'{"video_id": 9223372036854775808}', 422),
        ("session", b'{"video_id": 999}', 404),
        ("session", b"[" * 9000, 400),
        ("session", b"video_id=1", 400),
        ("heartbeat", b'{"session_token": ""}', 422),
        ("heartbeat", b'{"session_token": "unknown"}', 404),
        ("heartbeat", b'{"session_token": "x", "ranges": [[0, "Infinity"]]}', 422),
        ("heartbeat", b'{"session_token": "x", "position": NaN}', 400),
        ("heartbeat", b'{"session_token": "x", "rate": "nan"}', 422),
        ("heartbeat", b'{"session_token": "x", "stall_ms": 1e300}', 422),
        ("heartbeat", b'{"session_token": "x", "sequence": -1}', 422),
        ("heartbeat", b'{"session_token": "' + b"x" * 65 + b'"}', 422),
        ("end", b'{"session_token": "x", "ranges": [' + b"[0,1]," * 200 + b"[0,1]]}", 422),
        ("end", b" " * 17_000, 413),
    ],
)
async def test_what_makes_no_sense_is_refused(
    open_site: Callable[..., Site], path: str, body: bytes, status: int
) -> None:
    site = open_site()
    async with site.browser() as client:
        headers = {"content-type": "text/plain"}
        answer = await client.post(f"/api/analytics/{path}", content=body, headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_another_site_cannot_report(open_site: Callable[..., Site]) -> None:
    site = open_site()
    film = await add_video(site.database, "Film", 60)
    async with site.browser(sec_fetch_site="cross-site") as client:
        body = {"video_id": film}
        assert (await client.post("/api/analytics/session", json=body)).status_code == 403
        kind = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "none"}
        answer = await client.post("/api/analytics/session", content=b"{}", headers=kind)
        assert answer.status_code == 415


async def test_bots_and_the_admin_are_not_counted(open_site: Callable[..., Site]) -> None:
    site = open_site()
    film = await add_video(site.database, "Film", 60)
    chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) {} Safari"
    agents = [
        "",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        chrome.format("HeadlessChrome/156.0"),
    ]
    for agent in agents:
        async with site.browser(user_agent=agent) as client:
            assert await _begin(client, film) is None, agent
    async with site.browser(sec_ch_ua='"HeadlessChrome";v="156"') as client:
        assert await _begin(client, film) is None
    async with site.browser() as client:
        client.cookies.set("vlog_admin_browser", "1")
        assert await _begin(client, film) is None
    for agent in (FIREFOX, chrome.format("Chrome/156.0"), "Mozilla/5.0 Cubot Android"):
        async with site.browser(user_agent=agent) as client:
            assert await _begin(client, film) is not None, agent


async def test_the_panel_marks_the_browser_that_it_lets_in() -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def let_in(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != "/sign-in":
            keep_caller(scope, LOCAL)
        await AdminBrowser(page)(scope, receive, send)

    transport = httpx.ASGITransport(let_in)
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
        assert "set-cookie" not in (await client.get("/sign-in")).headers
        cookie = (await client.get("/")).headers["set-cookie"]
    assert cookie.startswith("vlog_admin_browser=1; Path=/api/analytics;")
    assert "HttpOnly" in cookie


async def test_who_does_not_want_a_cookie_gets_none_and_counts_once_an_hour(
    open_site: Callable[..., Site],
) -> None:
    for refusal in ({"dnt": "1"}, {"sec_gpc": "1"}):
        site = open_site()
        film = await add_video(site.database, f"Film {refusal}", 60)
        async with site.browser(**refusal) as client:
            assert [await _watch(site, client, film, 20) for _ in range(3)] == [True, False, False]
            assert not client.cookies
        async with site.browser("198.51.100.8", **refusal) as client:
            assert await _watch(site, client, film, 20)
        report = await site.admin(f"/videos/{film}")
        assert (report["total_views"], report["unique_viewers"]) == (2, 0)
        assert report["total_plays"] == 4


async def test_settings_switch_cookies_and_counting_off(open_site: Callable[..., Site]) -> None:
    site = open_site(viewer_cookie=False)
    film = await add_video(site.database, "Film", 60)
    async with site.browser() as client:
        assert await _watch(site, client, film, 20)
        assert not client.cookies
    site = open_site(enabled=False)
    async with site.browser() as client:
        assert await _begin(client, film) is None


@pytest.mark.parametrize(
    ("settings", "shown"),
    [({}, 1), ({"show_views": False}, None), ({"enabled": False}, None)],
)
async def test_views_are_shown_unless_the_site_hides_them(
    open_site: Callable[..., Site], settings: dict[str, bool], shown: int | None
) -> None:
    site = open_site()
    film = await add_video(site.database, "Film", 60)
    async with site.browser() as client:
        assert await _watch(site, client, film, 20)
    services = cast(
        "Services",
        SimpleNamespace(
            database=site.database, settings=Settings(analytics=AnalyticsSettings(**settings))
        ),
    )
    assert (await queries.public_video(services, "film")).views == shown
    page = await queries.public_videos(services, VideoQuery())
    assert [video.views for video in page.videos] == [shown]


async def test_an_address_that_asks_too_much_is_told_so(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.visits = Visits(clock=lambda: 0.0)
    film = await add_video(site.database, "Film", 60)
    async with site.browser() as client:
        answers = [
            (await client.post("/api/analytics/session", json={"video_id": film})).status_code
            for _ in range(61)
        ]
    assert answers == [200] * 60 + [429]
    async with site.browser("198.51.100.8") as client:
        assert await _begin(client, film)


def test_limits_move_with_time_and_forget() -> None:
    moment = 0.0
    limit = RateLimit(3, 60, most_keys=2, clock=lambda: moment)
    assert [limit.allows("a") for _ in range(4)] == [True, True, True, False]
    moment = 20
    assert [limit.allows("a") for _ in range(2)] == [True, False]
    assert limit.allows("b")
    assert limit.allows("c")
    assert limit.allows("a")
    once = Once(10, most=2, clock=lambda: moment)
    assert [once.is_new(key) for key in ("x", "x", "y", "z", "x")] == [
        True,
        False,
        True,
        True,
        True,
    ]
    moment = 31
    assert once.is_new("x")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_where_a_request_comes_from(address: str, network: str) -> None:
    request = Request({"type": "http", "client": (address, 1), "headers": []})
    assert network_of(request) == network


async def test_trends_and_tables_can_be_saved(open_site: Callable[..., Site]) -> None:
    site = open_site()
    film = await add_video(site.database, '=HYPERLINK("http://evil")', 60)
    await add_video(site.database, "Ünknown", 60)
    async with site.browser() as client:
        await _watch(site, client, film, 36)
    trend = await site.admin("/trends?from=2026-05-05&to=2026-05-06&timezone=Asia/Tokyo")
    assert trend["period"] == "2026-05-05/2026-05-06"
    assert trend["data"][1] == {
        "date": "2026-05-06",
        "start": "2026-05-05T15:00:00Z",
        "views": 1,
        "unique_viewers": 1,
        "plays": 1,
        "watch_time_hours": 0.01,
    }
    assert len((await site.admin("/trends"))["data"]) == 28
    hours = await site.admin("/trends.csv?from=2026-05-06&to=2026-05-06&interval=hour")
    rows = list(csv.DictReader(io.StringIO(hours.content.decode("utf-8-sig"))))
    assert [row["date"] for row in rows if row["views"] == "1"] == ["2026-05-06T12:00+00:00"]
    assert "attachment" in hours.headers["content-disposition"]
    table = await site.admin("/videos.csv?sort=title&from=2026-05-06")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["title"] for row in rows] == ['\'=HYPERLINK("http://evil")', "Ünknown"]
    assert [row["total_views"] for row in rows] == ["1", "0"]


def test_no_cell_is_a_formula() -> None:
    cells = ("=1", "+1", "-1", "@a", "\t=1", "\r=1", "plain", -1, None, 0.123456)
    written = csv_bytes(("head",), [cells]).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(written.split("\r\n", 1)[1], newline=""))) == [
        "'=1", "'+1", "'-1", "'@a", "'\t=1", "'\r=1", "plain", "-1", "", "0.1235",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "/overview?timezone=Mars",
        "/trends?from=2026-05-06&to=2026-05-05",
        "/trends?from=1000-01-01",
        "/trends?interval=hour&from=2020-01-01",
        "/videos?from=2026-05-07&to=2026-05-06",
        "/videos?limit=0",
    ],
)
async def test_questions_without_an_answer_are_refused(
    open_site: Callable[..., Site], query: str
) -> None:
    with pytest.raises(AssertionError, match='"status":422'):
        await open_site().admin(query)


@settings(max_examples=100)
@given(st.lists(st.text(max_size=20) | st.integers() | st.none(), min_size=1, max_size=5))
def test_any_table_comes_back_and_runs_nothing(cells: list[object]) -> None:
    written = csv_bytes(("head",), [cells, cells]).decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(written, newline=""))
    for row in rows:
        assert [one.removeprefix("'") for one in row] == [
            ("" if cell is None else str(cell)).removeprefix("'") for cell in cells
        ]
        assert not any(
            isinstance(cell, str) and one.startswith(("=", "+", "-", "@", "\t", "\r"))
            for cell, one in zip(cells, row, strict=True)
        )
