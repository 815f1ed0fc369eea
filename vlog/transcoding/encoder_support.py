"""Which encoders work on this machine: each one wished for encodes some frames."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from vlog.settings import Codec, Encoder, TranscodingSettings
from vlog.transcoding.encoders import (
    HARDWARE,
    Encoding,
    codec_arguments,
    device_arguments,
    upload_filters,
)
from vlog.transcoding.plan import RungPlan
from vlog.transcoding.process import ProcessFailed, Watch, run

# A driver that hangs must not keep the work from beginning.
_LIMIT_SECONDS = 15.0
_LIBRARIES: dict[Codec, str] = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1"}


@dataclass(frozen=True)
class Encoders:
    """The codecs that rungs are made in, who encodes H.264, and what a person should know."""

    codecs: tuple[Codec, ...] = ("h264",)
    encoder: Encoder = "software"
    sentences: tuple[str, ...] = ()


async def find_encoders(wishes: TranscodingSettings) -> Encoders:
    """Try what the settings ask for beyond the default, which needs no look."""
    sentences: list[str] = []
    codecs: list[Codec] = ["h264"]
    for codec in wishes.codecs[1:]:
        if await _works(codec, "software"):
            codecs.append(codec)
            sentences.append(f"Rungs in {codec} are made with {_LIBRARIES[codec]}.")
        else:
            sentences.append(
                f"This machine's ffmpeg cannot encode with {_LIBRARIES[codec]}, so rungs in "
                f"{codec} are left out. Install an ffmpeg that has it."
            )
    encoder = await _find_hardware(wishes.encoder)
    if encoder != "software":
        sentences.append(f"H.264 is encoded by hardware: {encoder}.")
    elif wishes.encoder == "auto":
        sentences.append("No hardware encoder works here, so the software encodes.")
    elif wishes.encoder != "software":
        sentences.append(
            f"The hardware encoder {wishes.encoder} does not work here, so the software encodes. "
            "Check the driver and that VLog may use the device."
        )
    return Encoders(tuple(codecs), encoder, tuple(sentences))


async def _find_hardware(wish: Encoder) -> Encoder:
    if wish == "software":
        return "software"
    for encoder in HARDWARE if wish == "auto" else (wish,):
        if await _works("h264", encoder):
            return encoder
    return "software"


def trial_command(codec: Codec, encoder: Encoder) -> list[str]:
    """Encode half a second of a small picture and throw it away."""
    rung = RungPlan(name="trial", width=320, height=240, max_bitrate=1_000_000, codec=codec)
    encoding = Encoding("ultrafast", 1, encoder)
    filters = ["format=yuv420p", *upload_filters(rung, encoding)]
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", *device_arguments(encoding)),
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=0.5"),
        *("-vf", ",".join(filters), *codec_arguments(rung, encoding), "-f", "null", "-"),
    ]


async def _works(codec: Codec, encoder: Encoder) -> bool:
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            await run(trial_command(codec, encoder), Watch(stall_seconds=_LIMIT_SECONDS))
    except (ProcessFailed, TimeoutError, OSError):
        return False
    return True
