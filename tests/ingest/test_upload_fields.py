"""The fields beside a file."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.errors import Invalid, NotAVideo
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
        ({"visibility": "scheduled", "published_at": "9999-12-31T23:59:59-23:00"}, "published_at"),
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


_VALUES = st.one_of(
    st.text(max_size=30),
    st.datetimes(timezones=st.timezones() | st.none()).map(datetime.isoformat),
    st.sampled_from(
        ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "scheduled", "true", "٣")
    ),
    st.integers().map(str),
    st.lists(st.text(max_size=60), max_size=40).map(",".join),
)
_FIELD_NAMES = (
    *("title", "description", "category_id", "publish", "visibility", "published_at", "tags"),
    *("language", "keep_original", "replaces", "unknown"),
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(_FIELD_NAMES), _VALUES), st.booleans(), st.text(max_size=30))
def test_fields_of_any_kind_are_taken_or_refused(
    fields: dict[str, str], scheduled: bool, name: str
) -> None:
    if scheduled:
        fields["visibility"] = "scheduled"
    with suppress(Invalid, NotAVideo):
        found = upload_fields(Form(fields=fields, filename=name, has_file=True))
        assert len(found.title) <= 255
        assert len(found.tags) <= 30
        assert all(0 <= (number or 0) < 2**63 for number in (found.category_id, found.replaces))
        assert (found.published_at is not None) == (found.visibility == "scheduled")
        if found.published_at is not None:
            # As the database stores it.
            assert found.published_at.astimezone(UTC).tzinfo is UTC
