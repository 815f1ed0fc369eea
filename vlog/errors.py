"""Everything VLog raises on purpose. A class docstring is the sentence that a person reads."""

from __future__ import annotations

from typing import ClassVar


class VLogError(Exception):
    """Something went wrong inside VLog. The log has the details."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (self.__class__.__doc__ or "").strip()
        super().__init__(self.detail)


class ConfigurationError(VLogError):
    """The configuration is not usable. Run `vlog config check` to see why."""

    code = "bad_configuration"
    title = "Configuration is not usable"


class StartError(VLogError):
    """VLog could not start."""

    code = "cannot_start"
    title = "VLog cannot start"


class NoAnswer(VLogError):
    """VLog does not answer. Is `vlog serve` running?"""

    code = "no_answer"
    title = "No answer"


class BadRequest(VLogError):
    """The request could not be understood."""

    status = 400
    code = "bad_request"
    title = "Request not understood"


class Unauthorized(VLogError):
    """You are not signed in. Sign in with the password, or send an API token."""

    status = 401
    code = "unauthorized"
    title = "Not signed in"


class WrongCredential(Unauthorized):
    """The password or the API token is not right, or it does not work any more."""

    code = "wrong_credential"
    title = "Wrong API token"


class WrongPassword(WrongCredential):
    """That password is not right."""

    code = "wrong_password"
    title = "Wrong password"


class Forbidden(VLogError):
    """This request came from another site and was refused."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class MissingScope(Forbidden):
    """The API token may not do this."""

    code = "missing_scope"
    title = "Scope is missing"


class ElsewhereForbidden(VLogError):
    """This video may not be shown on other sites. Watch it on its own page."""

    status = 403
    code = "not_shown_elsewhere"
    title = "Not shown on other sites"


class KeyExpired(VLogError):
    """This address has expired. Open the page of the video again for a new one."""

    status = 403
    code = "media_key_expired"
    title = "Address expired"


class NotFound(VLogError):
    """There is nothing at this address. It may have been removed, or the link is wrong."""

    status = 404
    code = "not_found"
    title = "Not found"


class VideoGone(VLogError):
    """The video that was at this address was removed."""

    status = 410
    code = "video_gone"
    title = "Removed"


class MethodNotAllowed(VLogError):
    """This address does not take that kind of request."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class Conflict(VLogError):
    """Something with that name is there already."""

    status = 409
    code = "conflict"
    title = "Already there"


class UploadGone(VLogError):
    """This upload has expired and what had come of it was removed. Send the file again."""

    status = 410
    code = "upload_gone"
    title = "Upload expired"


class OffsetMismatch(VLogError):
    """This part does not begin where the upload ends. Ask with HEAD how far it is."""

    status = 409
    code = "offset_mismatch"
    title = "Another part comes next"


class WrongVersion(VLogError):
    """Only version 1.0.0 of the tus protocol is spoken here."""

    status = 412
    code = "unsupported_version"
    title = "Version not supported"


class PayloadTooLarge(VLogError):
    """The file is larger than this server takes."""

    status = 413
    code = "payload_too_large"
    title = "Too large"


class RequestTooSlow(VLogError):
    """The request did not come in time. Try again over a better connection."""

    status = 408
    code = "request_too_slow"
    title = "Too slow"


class TooManyRequestsAtOnce(VLogError):
    """Too many requests come from your address at once. Try again in a moment."""

    status = 429
    code = "too_many_requests_at_once"
    title = "Too many requests"


class UnsupportedMediaType(VLogError):
    """The body must be JSON, sent as `application/json`."""

    status = 415
    code = "unsupported_media_type"
    title = "Not JSON"


class NotAPart(UnsupportedMediaType):
    """A part of a file must be sent as `application/offset+octet-stream`."""

    title = "Not a part of a file"


class MisdirectedHost(VLogError):
    """This server does not answer to that host name. Add it to `[admin] allowed_hosts`."""

    status = 421
    code = "unknown_host"
    title = "Unknown host name"


class Invalid(VLogError):
    """A value is not valid."""

    status = 422
    code = "invalid"
    title = "Not valid"


class TooManyRequests(VLogError):
    """There were too many requests from your address. Wait a moment and try again."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class NotAVideo(VLogError):
    """This file is not a video or sound that VLog can read."""

    status = 422
    code = "not_a_video"
    title = "Not a video"


class UploadBusy(VLogError):
    """Another request goes on with this upload. Ask with HEAD how far it is, then try again."""

    status = 423
    code = "upload_busy"
    title = "Upload is busy"


class UploadStalled(UploadBusy):
    """Nothing arrived for a while. What came is kept; ask with HEAD how far it is and go on."""

    code = "upload_stalled"
    title = "Upload stalled"


class ChecksumMismatch(VLogError):
    """This part was damaged on its way and thrown away. Send it again."""

    status = 460
    code = "checksum_mismatch"
    title = "Part was damaged"


class UploadInterrupted(VLogError):
    """The upload ended before the whole file had arrived. Nothing was kept; send it again."""

    status = 400
    code = "upload_interrupted"
    title = "Upload interrupted"


class InsufficientStorage(VLogError):
    """There is not enough free space for this file. Free some space and try again."""

    status = 507
    code = "insufficient_storage"
    title = "Disk full"


class QuotaReached(InsufficientStorage):
    """VLog has stored as much as it may. Remove videos, or raise `[ingest] quota_bytes`."""

    code = "quota_reached"
    title = "Quota reached"


class Unavailable(VLogError):
    """VLog is stopping or not ready yet. Try again in a moment."""

    status = 503
    code = "unavailable"
    title = "Not available now"


class Stopping(Unavailable):
    """VLog is stopping. Try again in a moment."""


class PasswordNeeded(StartError):
    """Others could use the panel. Run `vlog passwd`, or set `[admin] host` to 127.0.0.1."""
