"""From a file that has come in whole to its video, or to the new file of one."""

from __future__ import annotations

from pathlib import Path

from vlog.catalog import uploads
from vlog.database.schema import Upload
from vlog.ingest.acceptance import Acceptance
from vlog.ingest.incoming_file import explained
from vlog.ingest.names import extension_for
from vlog.ingest.probe import probe
from vlog.tasks import to_the_end


async def finish(acceptance: Acceptance, upload: Upload, path: Path) -> None:
    """Register an upload and put its file in its place; once begun it is brought to an end.

    Raises:
        NotAVideo: the file is none, or it takes too long to tell (ProbeTimeout).
        InsufficientStorage, Unavailable, NotFound: it cannot be done now; the file stays.
    """
    accept = _accept if upload.replaces_id is None else _accept_replacement
    try:
        extension = extension_for(upload.filename, await probe(path))
        await to_the_end(accept(acceptance, upload.id, extension), name="accept upload")
    except OSError as error:
        raise explained(error) from error


async def _accept(acceptance: Acceptance, upload_id: str, extension: str) -> None:
    video = await acceptance.database.write(
        lambda session: uploads.register(session, upload_id, extension), name="register upload"
    )
    try:
        await acceptance.settle(video)
    except Exception:
        await acceptance.forget(video)
        raise


async def _accept_replacement(acceptance: Acceptance, upload_id: str, extension: str) -> None:
    job = await acceptance.database.write(
        lambda session: uploads.register_replacement(session, upload_id, extension),
        name="register replacement",
    )
    try:
        await acceptance.settle_replacement(job)
    except Exception:
        await acceptance.forget_replacement(job)
        raise
