"""Which files belong to nobody."""

from __future__ import annotations

from vlog.transcoding.sweeping import Owned, belongs_to, orphans

OWNED = Owned(
    segments={"720p": frozenset({0, 1}), "audio": frozenset({0})}, retired=frozenset({"1080p-hevc"})
)


def test_segments_headers_and_playlists_that_nothing_names_are_orphans() -> None:
    names = [
        *("720p_0000.ts", "720p_0002.ts", "720p_0001.m4s", "audio_0001.ts", "480p_0000.ts"),
        *("480p.m3u8", "720p.m3u8", "480p_init.mp4", "audio_init.mp4"),
    ]
    assert orphans(names, OWNED) == [
        *("480p.m3u8", "480p_0000.ts", "480p_init.mp4", "720p_0002.ts", "audio_0001.ts"),
    ]


def test_what_is_retired_stays_until_its_time_has_come() -> None:
    names = ["1080p-hevc_0004.m4s", "1080p-hevc_init.mp4", "1080p-hevc.m3u8"]
    assert orphans(names, OWNED) == []
    assert all(belongs_to(name, "1080p-hevc") for name in names)
    assert not any(belongs_to(name, "1080p") for name in names)


def test_what_is_no_work_of_a_transcoder_is_never_an_orphan() -> None:
    names = ["master.m3u8", "thumbnail.jpg", "captions.vtt", "notes.txt", "film_01.ts", "720p.ts"]
    names += ["captions-en.vtt", "captions-en-x-sdh.m3u8", "captions-en_0000.vtt"]
    assert orphans(names, Owned()) == []


def test_only_the_picture_that_is_shown_and_those_on_their_way_stay() -> None:
    names = ["thumbnail.jpg", "thumbnail-r2.jpg", "thumbnail-r3.jpg"]
    names += ["thumbnail-4.jpg", "thumbnail-5.jpg", "thumbnail-6.jpg"]
    owned = Owned(thumbnail=5, automatic_thumbnails=frozenset({2}))
    assert orphans(names, owned) == ["thumbnail-4.jpg", "thumbnail-r3.jpg", "thumbnail.jpg"]
