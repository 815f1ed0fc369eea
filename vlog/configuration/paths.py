"""Paths in settings, which count from the folder of the file that names them."""

from __future__ import annotations

from pathlib import Path

from vlog.settings import Settings


def with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    """The same settings; paths in them count from `folder`."""

    def absolute(name: str) -> str:
        return str(folder / name) if name else ""

    public, admin = settings.public, settings.admin
    ingest, transcription = settings.ingest, settings.transcription
    model = transcription.model
    return settings.model_copy(
        update={
            "storage": settings.storage.model_copy(update={"path": folder / settings.storage.path}),
            "database": settings.database.model_copy(
                update={"path": folder / settings.database.path}
            ),
            "public": public.model_copy(
                update={
                    "tls_certificate": absolute(public.tls_certificate),
                    "tls_key": absolute(public.tls_key),
                }
            ),
            "admin": admin.model_copy(
                update={
                    "password_file": absolute(admin.password_file),
                    "tls_certificate": absolute(admin.tls_certificate),
                    "tls_key": absolute(admin.tls_key),
                }
            ),
            "ingest": ingest.model_copy(
                update={
                    "import_folders": tuple(str(folder / name) for name in ingest.import_folders)
                }
            ),
            "transcription": transcription.model_copy(
                update={
                    "models_path": folder / transcription.models_path,
                    # A name has no slash in it, a folder has.
                    "model": str(folder / model) if "/" in model else model,
                }
            ),
        }
    )
