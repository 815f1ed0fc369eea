"""The speech models: which there are, where they lie, and whether one can be used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vlog.settings import TranscriptionSettings

# What a model's folder holds. Without its own tokenizer the library would fetch one from elsewhere.
_NEEDED = ("config.json", "model.bin", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")


@dataclass(frozen=True)
class KnownModel:
    """A model that can be fetched. Size in megabytes, as float16 on the disk."""

    name: str
    repository: str
    megabytes: int


KNOWN = {
    model.name: model
    for model in (
        KnownModel("tiny", "Systran/faster-whisper-tiny", 78),
        KnownModel("tiny.en", "Systran/faster-whisper-tiny.en", 78),
        KnownModel("base", "Systran/faster-whisper-base", 148),
        KnownModel("base.en", "Systran/faster-whisper-base.en", 148),
        KnownModel("small", "Systran/faster-whisper-small", 486),
        KnownModel("small.en", "Systran/faster-whisper-small.en", 486),
        KnownModel("medium", "Systran/faster-whisper-medium", 1530),
        KnownModel("medium.en", "Systran/faster-whisper-medium.en", 1530),
        KnownModel("large-v2", "Systran/faster-whisper-large-v2", 3090),
        KnownModel("large-v3", "Systran/faster-whisper-large-v3", 3090),
        KnownModel("large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1620),
        KnownModel("distil-large-v3", "Systran/faster-distil-whisper-large-v3", 1510),
    )
}


@dataclass(frozen=True)
class ListedModel:
    """A model as it is shown: whether it is the one that is set, and whether it is on the disk."""

    name: str
    megabytes: int | None
    chosen: bool
    here: bool

    def __str__(self) -> str:
        size = "" if self.megabytes is None else f"{self.megabytes:>5} MB"
        mark, there = "*" if self.chosen else " ", "here" if self.here else "-"
        return f"{mark} {self.name:<16} {size:>8}  {there}"


def folder_of(settings: TranscriptionSettings) -> Path:
    """Where the model that is set lies, or would lie."""
    model = settings.model
    return Path(model) if "/" in model else settings.models_path / model


def is_whole(folder: Path) -> bool:
    """Whether a folder holds everything that a model needs. Blocks."""
    return all((folder / name).is_file() for name in _NEEDED) and any(
        (folder / name).is_file() for name in _VOCABULARIES
    )


def why_unusable(settings: TranscriptionSettings) -> str | None:
    """Why the model that is set cannot be used, and what to do; None where it can. Blocks."""
    folder, model = folder_of(settings), settings.model
    if is_whole(folder):
        return None
    if "/" not in model and model not in KNOWN:
        return (
            f"There is no speech model “{model}”. `vlog models list` shows which there are; "
            "set one with `[transcription] model`."
        )
    if not folder.is_dir():
        if "/" in model:
            return "The folder that `[transcription] model` names is not there."
        return (
            f"The speech model “{model}” is not on this machine yet. Fetch it with "
            f"`vlog models fetch {model}`; captions then go on by themselves."
        )
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    return (
        f"The folder of the speech model is not whole: {(missing or [_VOCABULARIES[0]])[0]} is "
        "missing. Fetch the model again, or name another one with `[transcription] model`."
    )


def listing(settings: TranscriptionSettings) -> list[ListedModel]:
    """All known models, and the one that is set where it is another one. Blocks."""
    found = [
        ListedModel(
            model.name,
            model.megabytes,
            chosen=model.name == settings.model,
            here=is_whole(settings.models_path / model.name),
        )
        for model in KNOWN.values()
    ]
    if settings.model not in KNOWN:
        here = is_whole(folder_of(settings))
        found.append(ListedModel(settings.model, None, chosen=True, here=here))
    return found
