"""The speech model itself. Everything here blocks; import it in the worker's thread alone.

Importing it takes about 60 MiB, which `vlog serve` does without until there is something to do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Read when the libraries are imported: no request leaves the machine, whatever a model lacks, and
# nobody is told what runs here.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import faster_whisper
from faster_whisper.vad import VadOptions, get_speech_timestamps

from vlog.captions.cue import Word
from vlog.settings import TranscriptionSettings
from vlog.transcription.heard import Heard, Language
from vlog.transcription.sound import RATE
from vlog.transcription.windows import Samples, loudness, onset

# So many stretches of 30 s are listened to until the language is surer than one half.
_LANGUAGE_SEGMENTS = 4


class Whisper:
    """A loaded model."""

    def __init__(self, folder: Path, settings: TranscriptionSettings, threads: int) -> None:
        self._settings = settings
        self._model: Any = faster_whisper.WhisperModel(
            str(folder),
            device=settings.device,
            compute_type=settings.compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )

    def is_silent(self, samples: Samples) -> bool:
        """Whether nobody speaks, as far as the voice detection knows."""
        return self._settings.vad and not get_speech_timestamps(samples, VadOptions())

    def listen(
        self, samples: Samples, start: float, language: str | None
    ) -> tuple[Language, Iterator[Heard]]:
        """What is spoken in a window. The work is done as the segments are asked for.

        Args:
            samples: the window.
            start: where it begins, in seconds from the video's start.
            language: what is spoken; None to find it out.
        """
        settings = self._settings
        segments, info = self._model.transcribe(
            samples,
            language=language,
            beam_size=settings.beam_size,
            vad_filter=settings.vad,
            word_timestamps=settings.word_timestamps,
            hotwords=", ".join(settings.vocabulary) or None,
            language_detection_segments=_LANGUAGE_SEGMENTS,
            # Else one loop or invention carries on through all that follows.
            condition_on_previous_text=False,
        )
        probability = None if language else round(float(info.language_probability), 4)
        return Language(info.language, probability), _heard(segments, samples, start)


def _heard(segments: Any, samples: Samples, offset: float) -> Iterator[Heard]:
    length = len(samples) / RATE

    def moment(seconds: Any) -> float:
        # Times beyond the window belong to silence that Whisper adds.
        return min(float(seconds), length)

    for segment in segments:
        words = [(moment(w.start), moment(w.end), w.word) for w in segment.words or ()]
        start, end = moment(segment.start), moment(segment.end)
        if words:
            start = onset(samples, *words[0][:2])
            words[0] = (start, *words[0][1:])
        yield Heard(
            start=offset + start,
            end=offset + end,
            text=segment.text,
            words=tuple(Word(offset + begun, offset + ended, text) for begun, ended, text in words),
            no_speech=float(segment.no_speech_prob),
            logprob=float(segment.avg_logprob),
            compression=float(segment.compression_ratio),
            loudness=loudness(samples, start, end),
        )
