"""What people install: the wheel has all of VLog and nothing else, and runs without the sources."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.server import Server

ROOT = Path(__file__).parents[1]
FOLDERS = ("vlog", "static/admin", "static/shared", "static/site", "static/dist")
MARKED = "0+unpacked"


def _build(kind: str, source: Path, target: Path) -> Path:
    """Build a wheel or a source archive out of a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=60)
    [built] = target.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def _names(wheel: Path) -> set[str]:
    """All files but those that describe the wheel itself."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def _sources() -> Iterator[str]:
    """Every file that belongs into the wheel, under its name there."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                yield name if name.startswith("vlog/") else f"vlog/{name}"


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    names = _names(wheel)
    assert names == set(_sources())
    assert {"vlog/static/site/watch.html", "vlog/static/admin/layout.html"} <= names
    assert "vlog/database/migrations/script.py.mako" in names
    assert "vlog/database/migrations/versions/0001_the_first_tables.py" in names
    assert [name for name in names if re.search(r"tests/|node_modules|\.map$|\.db$", name)] == []


def test_the_wheel_has_the_whole_front_end_also_compressed(wheel: Path) -> None:
    names = _names(wheel)
    with zipfile.ZipFile(wheel) as archive:
        manifest = json.loads(archive.read("vlog/static/dist/manifest.json"))
    built = {
        *manifest["files"].values(),
        *(one for of in manifest["preload"].values() for one in of),
    }
    assert {"site.js", "site.css", "watch.js", "admin.js", "admin.css"} <= set(manifest["files"])
    wanted = {f"vlog/static/dist/{name}{end}" for name in built for end in ("", ".br", ".gz")}
    assert wanted - names == set()


def test_the_wheel_says_nothing_of_the_machine_that_built_it(wheel: Path) -> None:
    places = [str(place).encode() for place in (ROOT, sys.prefix, wheel.parent)]
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert [name for name, data in contents.items() if any(one in data for one in places)] == []
    [entry_points] = [data for name, data in contents.items() if name.endswith("entry_points.txt")]
    assert b"vlog = vlog.cli:main" in entry_points
    assert any(name.endswith("/licenses/LICENSE") for name in contents)


def test_the_source_archive_makes_the_same_wheel_without_building_the_front_end(
    wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(_build("sdist", ROOT, tmp_path / "archive")) as archive:
        archive.extractall(tmp_path / "sources", filter="data")
    [sources] = (tmp_path / "sources").iterdir()
    assert not (sources / "tests").exists()
    assert not (sources / "static" / "node_modules").exists()
    assert _names(_build("wheel", sources, tmp_path / "again")) == _names(wheel)


def test_vlog_serves_its_pages_out_of_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    package = unpacked / "vlog" / "__init__.py"
    marked, number = re.subn(r'(?<=__version__ = ")[^"]+', MARKED, package.read_text())
    assert number == 1
    package.write_text(marked)
    server = Server(tmp_path / "run", PYTHONPATH=str(unpacked))
    server.folder.mkdir()
    try:
        server.start()
        # Not what lies beside the tests.
        assert [record["version"] for record in server.records("serving")] == [MARKED]
        for client in (server.public, server.admin):
            _check_page(client)
    finally:
        server.close()


def _check_page(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assets = set(re.findall(r"/assets/[^\"' ]+", page.text))
    assert {name.rpartition(".")[2] for name in assets} >= {"js", "css", "svg"}
    for asset in assets:
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.content
