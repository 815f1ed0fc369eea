"""Settings in the panel and in the API, and what visitors see of them."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.sites import Site, both_apps
from vlog.configuration import Configuration, Origin
from vlog.database.engine import Database
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.web.settings_form import GROUPS

HOSTILE = '</title><script>alert(1)</script>"&'


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


@pytest.fixture
async def configured(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    """A site whose operator has set the title."""
    given = Settings.model_validate({"site": {"title": "Filed"}})
    origins = {"site.title": Origin("file", "/etc/vlog.toml")}
    found = Configuration(given, Path("/etc/vlog.toml"), origins)
    async with both_apps(database, storage, configuration=found) as made:
        yield made


def _picture(folder: Path, name: str, size: str = "800x200") -> bytes:
    target = folder / name
    source = f"color=red:s={size}:d=1:r=1"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source]
    extra = ["-metadata", "comment=where I live", "-frames:v", "1", "-update", "1"]
    subprocess.run([*command, *extra, str(target)], check=True, timeout=30)
    return target.read_bytes()


async def test_the_api_says_what_counts_and_where_it_comes_from(configured: Site) -> None:
    found = (await configured.admin.get("/api/settings")).json()
    by_key = {setting["key"]: setting for setting in found["settings"]}
    title = by_key["site.title"]
    assert (title["value"], title["default"], title["changeable"]) == ("Filed", "VLog", False)
    assert title["origin"] == {"kind": "file", "name": "/etc/vlog.toml"}
    assert title["locked"] == "It is set in vlog.toml."
    assert by_key["site.description"]["changeable"]
    assert by_key["public.port"]["locked"] == "It counts from the start of VLog on."
    assert len(by_key) == len(found["settings"])
    refused = await configured.admin.patch("/api/settings", json={"site": {"title": "Panel"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "vlog.toml" in refused.json()["detail"]


async def test_a_change_shows_at_once_wherever_the_site_names_itself(site: Site) -> None:
    await site.add("film", title="A film", media=True)
    change = {"site": {"title": HOSTILE, "description": "Films of ours & yours"}}
    answer = await site.admin.patch("/api/settings", json=change)
    assert answer.status_code == 200
    home, watch = [(await site.public.get(path)).text for path in ("/", "/watch/film")]
    escaped = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#34;&amp;"
    for page in (home, watch):
        assert "<script>alert" not in page
        assert f'<meta property="og:site_name" content="{escaped}">' in page
    assert f"<title>{escaped}</title>" in home
    assert '<meta name="description" content="Films of ours &amp; yours">' in home
    assert '<meta property="og:description" content="Films of ours &amp; yours">' in home
    feed = (await site.public.get("/feed.json")).json()
    assert (feed["title"], feed["description"]) == (HOSTILE, "Films of ours & yours")
    address = {"url": "http://127.0.0.1:9000/watch/film"}
    assert (await site.public.get("/oembed", params=address)).json()["provider_name"] == HOSTILE
    assert escaped in (await site.admin.get("/")).text


async def test_what_is_wrong_is_said_in_plain_words(site: Site) -> None:
    for change, words in (
        ({"site": {"accent": "blue"}}, "`site.accent` must be a colour"),
        ({"site": {"colour": "#ffffff"}}, "`site.colour` is not a setting."),
        ({"sight": {"title": "x"}}, "`sight`"),
        ({"site": "x"}, "`site`"),
        ({"transcoding": {"videos_at_once": -1}}, "must be at least 0"),
    ):
        answer = await site.admin.patch("/api/settings", json=change)
        assert answer.status_code == 422, answer.text
        assert words in answer.json()["detail"]
    assert (await site.admin.patch("/api/settings", json={"site": None})).status_code == 200


async def test_the_accent_is_a_style_sheet_of_our_own(site: Site) -> None:
    assert "/branding/" not in (await site.public.get("/")).text
    answer = await site.admin.patch("/api/settings", json={"site": {"accent": "#FFCC00"}})
    accent = answer.json()["accent"]
    assert accent["adjusted"]
    assert min(accent[scheme]["contrast"] for scheme in ("light", "dark")) >= 4.5
    url = ""
    for client, path in ((site.public, "/"), (site.admin, "/categories")):
        page = (await client.get(path)).text
        url = page.split('href="/branding/', 1)[1].split('"', 1)[0]
        sheet = await client.get(f"/branding/{url}")
        assert sheet.headers["content-type"].startswith("text/css")
        assert "immutable" in sheet.headers["cache-control"]
        assert f"--accent: {accent['light']['colour']};" in sheet.text
        assert f"--accent: {accent['dark']['colour']};" in sheet.text
    forged = url.replace("ffcc00", "ffcc01")
    assert (await site.public.get(f"/branding/{forged}")).status_code == 404


async def test_a_logo_is_made_anew_and_served_from_here(site: Site, tmp_path: Path) -> None:
    logo: dict[str, Any] = {}
    for name in ("logo.png", "logo.jpg", "logo.webp", "logo.gif"):
        sent = _picture(tmp_path, name)
        answer = await site.admin.put("/api/settings/logo", content=sent)
        assert answer.status_code == 200, answer.text
        logo = answer.json()["logo"]
        assert (logo["width"], logo["height"]) == (128, 32)
        served = await site.public.get(logo["url"])
        assert served.headers["content-type"] == "image/png"
        assert "immutable" in served.headers["cache-control"]
        assert served.content.startswith(b"\x89PNG")
        assert b"where I live" not in served.content
        assert f'src="{logo["url"]}" width="128" height="32"' in (await site.public.get("/")).text
    whole = f"http://127.0.0.1:9000{logo['url']}"
    for path in ("/feed.rss", "/feed.atom", "/feed.json", "/podcast.rss"):
        assert whole in (await site.public.get(path)).text
    assert f'<meta property="og:image" content="{whole}">' in (await site.public.get("/")).text
    assert (await site.admin.delete("/api/settings/logo")).status_code == 204
    assert (await site.public.get(logo["url"])).status_code == 404
    assert "/branding/" not in (await site.public.get("/")).text


async def test_what_is_no_picture_is_no_logo(site: Site, tmp_path: Path) -> None:
    whole = _picture(tmp_path, "logo.png")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    playlist = b"#EXTM3U\nfile:///etc/passwd"
    for content in (svg, playlist, b"", b"\x89PNG\r\n\x1a\n" + b"x" * 100, whole[:60]):
        answer = await site.admin.put("/api/settings/logo", content=content)
        assert answer.status_code == 422, content[:20]
    large = await site.admin.put("/api/settings/logo", content=b"\x89PNG" + b"x" * 2_100_000)
    assert large.status_code == 413
    assert (await site.admin.get("/api/settings")).json()["logo"] is None


async def test_the_form_works_without_a_script(site: Site) -> None:
    page = (await site.admin.get("/settings")).text
    for heading in GROUPS.values():
        assert f">{heading}</h2>" in page
    assert "<code>public.port</code>" in page
    sent = {"has:site.title": "1", "site.title": "Formed", "has:analytics.show_views": "1"}
    answer = await site.admin.post("/settings", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?saved")
    settings = (await site.admin.get("/api/settings")).json()["settings"]
    found = {setting["key"]: setting for setting in settings}
    assert found["site.title"]["value"] == "Formed"
    assert found["analytics.show_views"]["value"] is False
    chosen = [key for key, setting in found.items() if setting["origin"]["kind"] == "panel"]
    assert sorted(chosen) == ["analytics.show_views", "site.title"]
    assert "Set here" in (await site.admin.get("/settings")).text
    await site.admin.post("/settings", data={"reset": "site.title", **sent})
    assert "<title>VLog</title>" in (await site.public.get("/")).text


async def test_the_whole_form_sent_back_changes_nothing(site: Site) -> None:
    page = (await site.admin.get("/settings")).text
    fields: dict[str, list[str]] = {}
    chosen = ""
    for piece in page.split('<form method="post"', 1)[1].split("</form>", 1)[0].split("<")[1:]:
        tag, _, rest = piece.partition(">")
        name = tag.partition('name="')[2].partition('"')[0]
        value = tag.partition('value="')[2].partition('"')[0]
        if tag.startswith("select"):
            chosen = name
        elif tag.startswith("option") and " selected" in tag:
            fields[chosen] = [value]
        elif tag.startswith("textarea"):
            fields[name] = [rest.lstrip("\n")]
        elif tag.startswith("input") and ("checkbox" not in tag or " checked" in tag):
            fields.setdefault(name, []).append(value)
    assert len(fields) > 20
    answer = await site.admin.post("/settings", data=fields)
    assert answer.status_code == 303
    settings = (await site.admin.get("/api/settings")).json()["settings"]
    assert {setting["origin"]["kind"] for setting in settings} == {"default"}


async def test_a_wrong_value_comes_back_with_what_is_wrong(site: Site) -> None:
    sent = {"has:site.title": "1", "site.title": " ", "has:site.description": "1"}
    answer = await site.admin.post("/settings", data={**sent, "site.description": "Typed"})
    assert answer.status_code == 422
    assert "`site.title` must not be empty. Nothing was changed." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Typed</textarea>" in answer.text


async def test_what_the_operator_set_is_shown_and_cannot_be_typed_over(configured: Site) -> None:
    page = (await configured.admin.get("/settings")).text
    part = page.split('data-setting="site.title"', 1)[1].split("data-setting=", 1)[0]
    assert "Set in vlog.toml" in part
    assert " disabled" in part
    sent = {"has:site.title": "1", "site.title": "Typed"}
    await configured.admin.post("/settings", data=sent)
    assert "<title>Filed</title>" in (await configured.public.get("/")).text


async def test_the_document_says_which_keys_may_change(site: Site) -> None:
    document = (await site.admin.get("/openapi.json")).json()
    change = document["components"]["schemas"]["SiteSettingsChange"]
    assert set(change["properties"]) == {"title", "description", "accent"}
    assert {"maxLength": 100, "minLength": 1, "type": "string"}.items() <= (
        change["properties"]["title"]["anyOf"][0].items()
    )
