"""The fields beside a file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vlog.errors import Invalid
from vlog.ingest.multipart import Form
from vlog.ingest.upload_fields import UploadFields, upload_fields


def _form(**fields: str) -> Form:
    return Form(fields=fields, filename="My_film.mp4", has_file=True)


def test_what_is_left_out_has_its_default() -> None:
    assert upload_fields(_form()) == UploadFields("My film", "", None, "public", None)
    assert upload_fields(_form(title=" ", category_id="")).title == "My film"


def test_what_is_given_counts() -> None:
    found = upload_fields(_form(title=" Ä ", description=" d ", category_id="7", publish="false"))
    assert found == UploadFields("Ä", "d", 7, "private", None)
    assert upload_fields(_form(publish="on")).visibility == "public"
    assert upload_fields(_form(publish="on", visibility="Unlisted")).visibility == "unlisted"


def test_tags_language_and_the_original() -> None:
    found = upload_fields(_form(tags=" Berg , tal,,berg", language=" ENG ", keep_original="On"))
    assert (found.tags, found.language, found.keep_original) == (["Berg", "tal"], "en", True)
    assert upload_fields(_form(keep_original="0")).keep_original is False
    found = upload_fields(_form(tags="", language="", keep_original=""))
    assert (found.tags, found.language, found.keep_original) == ([], None, None)


def test_a_scheduled_video_has_a_moment_with_its_zone() -> None:
    found = upload_fields(_form(visibility="scheduled", published_at="2030-01-31T18:00:00+01:00"))
    assert found.visibility == "scheduled"
    assert found.published_at == datetime(2030, 1, 31, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": "x" * 256}, "255"),
        ({"description": "x" * 20_001}, "20,000"),
        ({"category_id": "one"}, "category_id"),
        ({"category_id": "-1"}, "category_id"),
        ({"category_id": "٣"}, "category_id"),
        ({"category_id": "9" * 19}, "category_id"),
        ({"publish": "perhaps"}, "publish"),
        ({"visibility": "secret"}, "visibility"),
        ({"visibility": "scheduled"}, "published_at"),
        ({"tags": "x" * 51}, "too long"),
        ({"language": "tlh"}, "no speech recognition"),
        ({"keep_original": "perhaps"}, "keep_original"),
        ({"visibility": "scheduled", "published_at": "2030-01-31T18:00:00"}, "published_at"),
    ],
)
def test_what_is_not_valid_is_said(fields: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        upload_fields(_form(**fields))
