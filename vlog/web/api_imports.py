"""Files that lie on the machine that VLog runs on already."""

from __future__ import annotations

from starlette.requests import Request

from vlog.errors import (
    Conflict,
    Forbidden,
    InsufficientStorage,
    Invalid,
    NotAVideo,
    NotFound,
    Unavailable,
)
from vlog.ingest.importer import ImportWish
from vlog.ingest.multipart import Form
from vlog.ingest.names import plain_name
from vlog.ingest.upload_fields import upload_fields
from vlog.web.models.imports import ImportList, ImportOut, NewImport, UnderWayOut
from vlog.web.operations import Operation
from vlog.web.services import services_of

_DETAILS = ("title", "description", "category_id", "visibility", "language", "keep_original")


async def import_file(request: Request, *, body: NewImport) -> ImportOut:
    """Make a video of a file on this machine, unless it came in before."""
    wish = ImportWish(
        path=body.path,
        fields=upload_fields(_form(body)),
        mode=body.mode,
        again=body.again,
        dry_run=body.dry_run,
    )
    found = await services_of(request).importer.take(wish)
    return ImportOut(
        path=body.path,
        outcome=found.outcome,
        how=found.how,
        size=found.size,
        video_id=found.video_id,
        title=found.title,
    )


async def list_imports(request: Request) -> ImportList:
    """What is being imported now."""
    services = services_of(request)
    return ImportList(
        imports=[
            UnderWayOut(path=str(one.path), size=one.size, copied=one.copied)
            for one in services.importer.under_way()
        ],
        folders=[str(folder) for folder in services.importer.folders],
        downloads_folder=str(services.storage.downloads),
    )


def _form(body: NewImport) -> Form:
    """As if it were an upload, so that the same is asked of it."""
    said = {key: getattr(body, key) for key in _DETAILS}
    fields = {key: str(value) for key, value in said.items() if value is not None}
    fields["tags"] = ",".join(body.tags)
    if body.published_at is not None:
        fields["published_at"] = body.published_at.isoformat()
    return Form(fields, plain_name(body.path), has_file=True)


_TAGS = ("imports",)
_IMPORTS = "/api/imports"

IMPORTS_API = [
    Operation(
        "POST",
        _IMPORTS,
        import_file,
        summary="Import a file from the machine that VLog runs on",
        body=NewImport,
        response=ImportOut,
        tags=_TAGS,
        errors=(
            *(Forbidden, NotFound, Conflict, Invalid, NotAVideo),
            *(InsufficientStorage, Unavailable),
        ),
    ),
    Operation(
        "GET",
        _IMPORTS,
        list_imports,
        summary="See what is being imported",
        response=ImportList,
        tags=_TAGS,
    ),
]
