"""Uploads that survive an interruption (tus 1.0.0), and whole files as the body of a PUT."""

from __future__ import annotations

from typing import cast

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlog.captions.speech_languages import spoken_language
from vlog.catalog.visibility import Visibility
from vlog.errors import (
    BadRequest,
    ChecksumMismatch,
    Conflict,
    InsufficientStorage,
    Invalid,
    MethodNotAllowed,
    NotAPart,
    NotAVideo,
    NotFound,
    OffsetMismatch,
    PayloadTooLarge,
    Unavailable,
    UploadBusy,
    UploadGone,
    UploadInterrupted,
    WrongVersion,
)
from vlog.ingest import tus
from vlog.ingest.multipart import Form
from vlog.ingest.resumable import ResumableUploads, UploadState
from vlog.web import admin_queries
from vlog.web.models.admin_videos import AdminVideoOut
from vlog.web.models.uploads import FileQuery, SpaceOut, UploadChange, UploadList, UploadOut
from vlog.web.operations import Operation
from vlog.web.services import services_of

UPLOADS = "/api/uploads"
ONE_UPLOAD = f"{UPLOADS}/{{upload_id}}"


class TusHeader:
    """Every answer about uploads says which version of tus is spoken."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(UPLOADS):
            await self.app(scope, receive, send)
            return

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["tus-resumable"] = headers["tus-version"] = tus.VERSION
            await send(message)

        await self.app(scope, receive, send_with_version)


async def describe_uploads(request: Request) -> Response:
    """What this server can do (tus, OPTIONS)."""
    headers = {
        "tus-extension": tus.EXTENSIONS,
        "tus-checksum-algorithm": ",".join(tus.ALGORITHMS),
    }
    if largest := services_of(request).settings.ingest.max_upload_bytes:
        headers["tus-max-size"] = str(largest)
    return Response(status_code=204, headers=headers)


async def describe_upload(request: Request) -> Response:
    """The same for one upload."""
    return await describe_uploads(request)


async def create_upload(request: Request) -> Response:
    """Begin an upload (tus, POST), with its first part where that comes along."""
    tus.check_version(request.headers)
    creation = tus.creation_of(request.headers)
    resumable = _resumable(request)
    state = await resumable.create(creation.length, creation.form, creation.metadata_header)
    if creation.part is not None:
        state = await resumable.append(state.upload.id, creation.part, request.stream())
    location = {"location": _url(state)}
    return Response(status_code=201, headers=_headers(state) | location)


async def ask_upload(request: Request) -> Response:
    """How far an upload is (tus, HEAD). Whoever sends to it at this moment is stopped."""
    tus.check_version(request.headers)
    state = await _resumable(request).state(_id(request))
    headers = _headers(state) | {"upload-length": str(state.upload.length)}
    if state.upload.metadata_header:
        headers["upload-metadata"] = state.upload.metadata_header
    return Response(headers=headers)


async def continue_upload(request: Request) -> Response:
    """Add bytes (tus, PATCH)."""
    tus.check_version(request.headers)
    part = tus.part_of(request.headers)
    state = await _resumable(request).append(_id(request), part, request.stream())
    return Response(status_code=204, headers=_headers(state))


async def cancel_upload(request: Request) -> Response:
    """Stop an upload and remove what came of it (tus, DELETE). A video that it became stays."""
    tus.check_version(request.headers)
    video_id = await _resumable(request).terminate(_id(request))
    return Response(status_code=204, headers=_video_header(video_id))


async def act_on_upload(request: Request) -> Response:
    """PATCH and DELETE for those who may send only POST (tus, X-HTTP-Method-Override)."""
    method = request.headers.get("x-http-method-override", "").upper()
    handler = {"PATCH": continue_upload, "DELETE": cancel_upload, "HEAD": ask_upload}.get(method)
    if handler is None:
        raise MethodNotAllowed
    return await handler(request)


async def list_uploads(request: Request) -> UploadList:
    """Uploads that go on, or were finished lately."""
    return UploadList(uploads=[_out(state) for state in await _resumable(request).all()])


async def get_upload(request: Request) -> UploadOut:
    """One upload; nobody is stopped."""
    return _out(await _resumable(request).peek(_id(request)))


async def change_upload(request: Request, *, body: UploadChange) -> UploadOut:
    """Say what people will read of the video, while its file is on the way or after that."""
    changes = body.model_dump(exclude_unset=True)
    for key in ("title", "description", "visibility", "tags"):
        if key in changes and changes[key] is None:
            raise Invalid(f"`{key}` cannot be null. Leave it out to keep what is there.")
    if "language" in changes:
        changes["language"] = spoken_language(body.language or "")
    return _out(await _resumable(request).change(_id(request), changes))


async def get_space(request: Request) -> SpaceOut:
    """What may still come in."""
    space = await services_of(request).receiver.room.look()
    return SpaceOut(
        largest_bytes=space.largest,
        disk_free_bytes=space.disk_free,
        quota_bytes=space.quota,
        stored_bytes=space.stored,
        quota_free_bytes=space.quota_free,
    )


async def receive_file(request: Request, *, query: FileQuery) -> AdminVideoOut:
    """Take a file that is the whole body, as `curl -T` sends it."""
    services = services_of(request)
    length = request.headers.get("content-length", "")
    form = Form(query.model_dump(), request.path_params["filename"], has_file=True)
    video = await services.receiver.receive_file(
        request.stream(), form, int(length) if length.isdigit() else None
    )
    return await admin_queries.admin_video(services, video.id)


def _resumable(request: Request) -> ResumableUploads:
    return services_of(request).resumable


def _id(request: Request) -> str:
    upload_id: str = request.path_params["upload_id"]
    return upload_id


def _url(state: UploadState) -> str:
    return f"{UPLOADS}/{state.upload.id}"


def _headers(state: UploadState) -> dict[str, str]:
    return {
        "upload-offset": str(state.offset),
        "upload-expires": tus.expires(state.upload.expires_at),
        "cache-control": "no-store",
        **_video_header(state.upload.video_id),
    }


def _video_header(video_id: int | None) -> dict[str, str]:
    return {} if video_id is None else {"vlog-video-id": str(video_id)}


def _out(state: UploadState) -> UploadOut:
    upload = state.upload
    return UploadOut(
        id=upload.id,
        url=_url(state),
        filename=upload.filename,
        length=upload.length,
        offset=state.offset,
        title=upload.title,
        description=upload.description,
        category_id=upload.category_id,
        visibility=cast("Visibility", upload.visibility),
        published_at=upload.published_at,
        tags=upload.tags,
        language=upload.language,
        keep_original=upload.keep_original,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
        video_id=upload.video_id,
        replaces=upload.replaces_id,
    )


_TAGS = ("uploads",)
_ONE = (WrongVersion, NotFound, UploadGone, UploadBusy)
_PART = (BadRequest, NotAPart, OffsetMismatch, ChecksumMismatch)
_FILE = (NotAVideo, PayloadTooLarge, InsufficientStorage)

UPLOADS_API = [
    # Before the address of one upload, which would take it for an id.
    Operation(
        "GET",
        f"{UPLOADS}/space",
        get_space,
        summary="See how much may still be uploaded",
        response=SpaceOut,
        tags=_TAGS,
        errors=(Unavailable,),
    ),
    Operation(
        "OPTIONS", UPLOADS, describe_uploads, "See what tus can do here", status=204, tags=_TAGS
    ),
    Operation(
        "POST",
        UPLOADS,
        create_upload,
        summary="Begin an upload (tus)",
        content=(tus.PART_TYPE,),
        status=201,
        tags=_TAGS,
        errors=(WrongVersion, BadRequest, Invalid, NotFound, *_FILE),
    ),
    Operation(
        "GET", UPLOADS, list_uploads, "List uploads on their way", response=UploadList, tags=_TAGS
    ),
    Operation(
        "OPTIONS", ONE_UPLOAD, describe_upload, "See what tus can do here", status=204, tags=_TAGS
    ),
    Operation(
        "HEAD",
        ONE_UPLOAD,
        ask_upload,
        summary="Take over an upload and see how far it is (tus)",
        tags=_TAGS,
        errors=(*_ONE, *_FILE),
    ),
    Operation(
        "PATCH",
        ONE_UPLOAD,
        continue_upload,
        summary="Add bytes to an upload (tus)",
        content=(tus.PART_TYPE,),
        status=204,
        tags=_TAGS,
        errors=(*_ONE, *_PART, *_FILE),
    ),
    Operation(
        "DELETE",
        ONE_UPLOAD,
        cancel_upload,
        summary="Cancel an upload (tus)",
        status=204,
        tags=_TAGS,
        errors=_ONE,
    ),
    Operation(
        "POST",
        ONE_UPLOAD,
        act_on_upload,
        summary="Continue, ask or cancel by X-HTTP-Method-Override (tus)",
        content=(tus.PART_TYPE,),
        status=204,
        tags=_TAGS,
        errors=(*_ONE, *_PART, *_FILE, MethodNotAllowed),
    ),
    Operation(
        "GET",
        ONE_UPLOAD,
        get_upload,
        summary="See one upload",
        response=UploadOut,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        ONE_UPLOAD,
        change_upload,
        summary="Describe the video that an upload becomes",
        body=UploadChange,
        response=UploadOut,
        tags=_TAGS,
        errors=(NotFound, Invalid, Conflict),
    ),
    Operation(
        "PUT",
        "/api/videos/file/{filename}",
        receive_file,
        summary="Upload a file as the whole body",
        query=FileQuery,
        content=("application/octet-stream",),
        response=AdminVideoOut,
        status=201,
        tags=_TAGS,
        errors=(Invalid, NotFound, UploadInterrupted, *_FILE),
    ),
]
