"""Which subtitles of a source become captions, and what they are called. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from vlog.captions.checking import sound_cues
from vlog.captions.cue import Cue
from vlog.ingest.probe_model import SubtitleStream
from vlog.languages import free_tag, language_name, primary

_LONGEST_NAME = 100
# In the tag and in the name, the most useful first.
_KINDS = {"": "", "sdh": "SDH", "forced": "forced"}


class SubtitlePlan(BaseModel):
    """A stream of text that becomes the captions of one language tag."""

    model_config = ConfigDict(frozen=True)

    stream_index: int
    language: str
    name: str


def subtitle_plans(
    streams: Iterable[SubtitleStream], spoken: str | None
) -> tuple[SubtitlePlan, ...]:
    """The streams of text, those in the spoken language first, which makes them the default.

    The first full one has its language's own tag; what was made for the hard of hearing, signs
    alone, and every further one have a private subtag.
    """
    texts = [stream for stream in streams if stream.is_text]
    texts.sort(
        key=lambda stream: (
            primary(stream.language) != spoken,
            list(_KINDS).index(_kind(stream)),
            not stream.default,
        )
    )
    plans: list[SubtitlePlan] = []
    for stream in texts:
        taken = [plan.language for plan in plans]
        tag = free_tag(stream.language, _kind(stream), taken)
        plans.append(
            SubtitlePlan(stream_index=stream.index, language=tag, name=_name(stream, plans))
        )
    return tuple(plans)


def notice_of_pictures(streams: Iterable[SubtitleStream]) -> str | None:
    """What to say of subtitles that are pictures."""
    names = [language_name(stream.language) for stream in streams if not stream.is_text]
    if not names:
        return None
    listed = ", ".join(dict.fromkeys(names))
    return (
        f"The file has subtitles that are pictures ({listed}). VLog cannot turn those into "
        "captions; upload a WebVTT or SubRip file instead."
    )


def placed(cues: Sequence[Cue], shift: float, duration: float) -> list[Cue]:
    """Cues of the source's clock on that of the video, without what lies outside of it.

    Args:
        cues: in order.
        shift: what the source's clock shows when the video starts, in seconds.
        duration: of the video, in seconds.
    """
    moved = (
        Cue(max(0.0, cue.start - shift), min(duration, cue.end - shift), cue.text) for cue in cues
    )
    return sound_cues(cue for cue in moved if round(cue.end, 3) > round(cue.start, 3))


def _kind(stream: SubtitleStream) -> str:
    if stream.forced:
        return "forced"
    return "sdh" if stream.hearing_impaired else ""


def _name(stream: SubtitleStream, before: Sequence[SubtitlePlan]) -> str:
    """The stream's own title beside the language; nothing where the language says it all."""
    language, kind = language_name(stream.language), _KINDS[_kind(stream)]
    title = stream.title
    if title and language.casefold() not in title.casefold():
        title = f"{language} ({title})"
    name = title or language
    if kind and kind.casefold() not in name.casefold():
        name = f"{name} ({kind})"
    taken = {plan.name or language_name(plan.language) for plan in before}
    number = 2
    unnumbered = name
    while name in taken:
        name = f"{unnumbered} {number}"
        number += 1
    return "" if name == language else name[:_LONGEST_NAME]
