"""What Prometheus reads: names that stay, labels without ids, and no look into the database."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.catalog.query_plans import recorded
from tests.web.sites import Site, both_apps
from vlog import measures, measuring
from vlog.database.engine import Database
from vlog.measuring import Measurer
from vlog.process.supervision import Backoff, Health, supervise
from vlog.storage.local import LocalStorage

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana-dashboard.json"
_METRIC = re.compile(r"\b(?:vlog|process)_[a-z_]+\b")


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


async def _scrape(site: Site) -> dict[str, list[Any]]:
    """The samples of each metric, by their own names."""
    answer = await site.admin.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, list[Any]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


def _value(samples: dict[str, list[Any]], name: str, **labels: str) -> float:
    found = [one for one in samples.get(name, []) if labels.items() <= one.labels.items()]
    return float(sum(one.value for one in found))


async def test_requests_are_counted_by_their_routes(site: Site) -> None:
    await site.add("alpine-lake", media=True)
    before = await _scrape(site)
    for _ in range(3):
        await site.public.get("/videos/alpine-lake/360p_0000.ts")
    await site.public.get("/videos/nobody-knows-this/360p_0000.ts")
    await site.public.get("/no/such/route/4711")
    await site.public.request("BREW", "/watch/alpine-lake")
    after = await _scrape(site)

    def grown(name: str, **labels: str) -> float:
        return _value(after, name, **labels) - _value(before, name, **labels)

    count = "vlog_http_request_duration_seconds_count"
    media = "/videos/{slug}/{name}"
    assert grown(count, site="public", route=media, method="GET", status="2xx") == 3
    assert grown(count, site="public", route=media, method="GET", status="4xx") == 1
    assert grown(count, site="public", route="none", method="GET", status="4xx") == 1
    assert grown(count, site="public", method="other", status="4xx") == 1
    assert grown("vlog_http_response_bytes_total", site="public", route=media) > 3
    values = {value for of in after.values() for one in of for value in one.labels.values()}
    assert not [
        value for value in values if "lake" in value or "4711" in value or "nobody" in value
    ]


async def test_a_scrape_asks_the_database_nothing(site: Site) -> None:
    with recorded(site.database) as statements:
        await _scrape(site)
    # Who may ask is another question; the answer to that is kept for a second.
    assert [one for one in statements if " passwords" not in one[0]] == []


async def test_the_public_site_has_no_figures(site: Site) -> None:
    assert (await site.public.get("/metrics")).status_code == 404


async def test_what_the_loop_looks_up_is_shown(site: Site, tmp_path: Path) -> None:
    await site.add("alpine-lake")
    await site.add("on-its-way", status="processing", source_present=True, source_size=500)
    measurer = Measurer(site.database, site.storage, tmp_path / "vlog.db")
    await measurer.look_at_queues()
    await measurer.look_at_sizes()
    samples = await _scrape(site)
    assert _value(samples, "vlog_videos", status="ready") == 1
    assert _value(samples, "vlog_videos", status="processing") == 1
    assert _value(samples, "vlog_stored_bytes", what="originals") == 500
    assert _value(samples, "vlog_database_bytes") > 100_000
    assert _value(samples, "vlog_storage_free_bytes") > 0
    assert _value(samples, "vlog_build_info") == 1


async def test_the_loop_sees_that_it_is_late(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "_LAG_EVERY_SECONDS", 0.01)
    name = "vlog_event_loop_lag_seconds_sum"
    before = _value(await _scrape(site), name)
    stop = anyio.Event()
    running = asyncio.create_task(
        Measurer(site.database, site.storage, tmp_path / "vlog.db").run(stop)
    )
    while _value(await _scrape(site), name) < before + 0.1:
        # What nobody may do: everybody waits meanwhile.
        time.sleep(0.15)
        await asyncio.sleep(0)
    stop.set()
    await running


async def test_loops_that_crash_are_counted(site: Site) -> None:
    stop = anyio.Event()

    async def crash(stop: anyio.Event) -> None:
        if crashes:
            stop.set()
        crashes.append(1)
        raise RuntimeError("crashes by design")

    crashes: list[int] = []
    quick = Backoff(first=0.001)
    await supervise("made to crash", crash, stop, Health(), quick)
    samples = await _scrape(site)
    assert _value(samples, "vlog_task_restarts_total", task="made to crash") == 2


async def test_every_name_of_the_dashboard_is_there(site: Site) -> None:
    await site.public.get("/")
    known = {
        f"{name}{end}"
        for family in measures.REGISTRY.collect()
        for name in (family.name,)
        for end in _ends(family.type)
    }
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for query in queries for name in _METRIC.findall(query)}
    assert named <= known
    # And nothing of ours is counted that nobody can see.
    families = {family.name for family in measures.REGISTRY.collect()}
    shown = {name for name in families if any(used.startswith(name) for used in named)}
    assert {name for name in families if name.startswith("vlog_")} == {
        name for name in shown if name.startswith("vlog_")
    }


def _ends(kind: str) -> tuple[str, ...]:
    return {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(kind, ("",))


async def test_the_dashboard_asks_for_labels_that_are_there() -> None:
    labels = {
        "vlog_http_request_duration_seconds": {"site", "route", "method", "status", "le"},
        "vlog_work_duration_seconds": {"kind", "rungs", "outcome", "le"},
    }
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            for name, known in labels.items():
                if name not in target["expr"]:
                    continue
                for grouped in re.findall(r"by \(([^)]*)\)", target["expr"]):
                    assert {label.strip() for label in grouped.split(",")} <= known
                for filtered in re.findall(r"{([^}]*)}", target["expr"]):
                    assert set(re.findall(r"(\w+)=", filtered)) <= known
