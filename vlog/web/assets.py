"""The built front end: where it lies, what its files are called, and how they are served."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

import vlog
from vlog.errors import ConfigurationError, NotFound

NOT_BUILT = "The front end is not built. Run `make assets`."
FOR_EVER = "public, max-age=31536000, immutable"
# The best first. Both are made at build time.
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True)
class Assets:
    """What was built: `files` leads from logical to hashed names, `served` from those to files."""

    root: Path
    files: Mapping[str, str]
    preload: Mapping[str, tuple[str, ...]]
    served: Mapping[str, Path]

    def url(self, name: str) -> str:
        """Address of a file by its logical name, such as `site.css`."""
        return f"/assets/{self.files[name]}"

    def preload_urls(self, name: str) -> list[str]:
        """Addresses of what the script `name` will load."""
        return [f"/assets/{chunk}" for chunk in self.preload.get(name, ())]


def static_root() -> Path:
    """The folder of templates and built files: inside the package, or beside it in a checkout."""
    package = Path(vlog.__file__).resolve().parent
    inside = package / "static"
    return inside if inside.is_dir() else package.parent / "static"


def load_assets(root: Path) -> Assets:
    """Read what was built under `root`. Raises ConfigurationError where nothing was."""
    dist = root / "dist"
    try:
        manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(NOT_BUILT) from error
    return Assets(
        root=root,
        files=MappingProxyType(manifest["files"]),
        preload=MappingProxyType({name: tuple(of) for name, of in manifest["preload"].items()}),
        served=MappingProxyType({path.name: path for path in dist.iterdir() if path.is_file()}),
    )


@cache
def built_assets() -> Assets:
    """The front end of this installation, read once."""
    return load_assets(static_root())


def asset_url(name: str) -> str:
    """Address of a built file by its logical name."""
    return built_assets().url(name)


def asset_routes(assets: Assets | None = None) -> list[Route]:
    """The routes that serve the built files. Raises ConfigurationError where nothing was built."""
    found = assets or built_assets()

    async def serve(request: Request) -> Response:
        return _answer(found, request)

    return [Route("/assets/{name}", serve, name="asset")]


def _answer(assets: Assets, request: Request) -> Response:
    name = request.path_params["name"]
    path = assets.served.get(name)
    if path is None or name == "manifest.json":
        raise NotFound
    encoding, path = _best_encoding(assets, request, path)
    headers = {
        "Cache-Control": FOR_EVER,
        "ETag": f'"{name}{"." + encoding if encoding else ""}"',
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(path, media_type=media_type, headers=headers)


def _best_encoding(assets: Assets, request: Request, path: Path) -> tuple[str, Path]:
    if "range" in request.headers:
        return "", path
    accepted = {
        part.split(";")[0].strip()
        for part in request.headers.get("accept-encoding", "").lower().split(",")
        if not part.replace(" ", "").endswith(";q=0")
    }
    for encoding, suffix in ENCODINGS:
        smaller = assets.served.get(path.name + suffix)
        if smaller is not None and encoding in accepted:
            return encoding, smaller
    return "", path
