"""Fetching a speech model from Hugging Face. Nothing else in VLog goes to the network by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from vlog.errors import VLogError
from vlog.settings import TranscriptionSettings
from vlog.storage.files import sync_file, sync_folder
from vlog.transcription.models import KNOWN, is_whole

_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]


class FetchFailed(VLogError):
    """The model could not be fetched. Try again later; what has arrived is kept."""

    code = "fetch_failed"


def fetch(name: str, settings: TranscriptionSettings) -> Path:
    """Fetch a known model whole, or not at all; its folder.

    What has arrived of an earlier attempt is not fetched again.

    Raises:
        FetchFailed: one sentence says why.
    """
    known = KNOWN.get(name)
    if known is None:
        raise FetchFailed(f"There is no model “{name}”. Known are: {', '.join(KNOWN)}.")
    folder = settings.models_path / name
    if is_whole(folder):
        return folder
    partial = settings.models_path / f".{name}.partial"
    try:
        partial.mkdir(parents=True, exist_ok=True)
        _download(known.repository, partial)
        if not is_whole(partial):
            raise FetchFailed(
                f"What Hugging Face has of “{name}” is not whole, so it was not taken."
            )
        _put_in_place(partial, folder)
    except OSError as error:
        raise FetchFailed(
            f"“{name}” could not be fetched: {error}. Try again later; what has arrived is kept."
        ) from error
    return folder


def _download(repository: str, target: Path) -> None:
    from huggingface_hub import snapshot_download

    try:
        # These models are public: whoever is signed in on this machine stays out of it.
        snapshot_download(repository, local_dir=target, allow_patterns=_FILES, token=False)
    except Exception as error:
        # The library lets through whatever the libraries below it raise.
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise FetchFailed(
            f"The model could not be fetched from Hugging Face: {reason} Try again later; what "
            "has arrived is kept."
        ) from error


def _put_in_place(partial: Path, folder: Path) -> None:
    # Notes of the download that say where each file came from.
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    for path in partial.iterdir():
        sync_file(path)
    sync_folder(partial)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)
    sync_folder(folder.parent)
