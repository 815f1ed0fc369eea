"""Forms, cut at every place, and forms that are none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.conftest import BOUNDARY, CONTENT_TYPE, chunks_of, form_head, form_of
from vlog.errors import BadRequest, Invalid, UploadInterrupted
from vlog.ingest.multipart import Form, boundary_of, read_form

EDGE = BOUNDARY.encode()


async def _read(body: bytes, size: int = 65_536) -> tuple[Form, bytes]:
    kept = bytearray()

    async def sink(data: bytes) -> None:
        kept.extend(data)

    return await read_form(chunks_of(body, size), EDGE, sink), bytes(kept)


@given(
    content=st.binary(max_size=300)
    | st.lists(
        st.sampled_from([b"\r\n", b"--", EDGE, b"\r\n--" + EDGE[:-1], b"\r", b"\n", b"x"])
    ).map(b"".join),
    size=st.integers(1, 80),
)
async def test_every_file_arrives_as_it_was(content: bytes, size: int) -> None:
    if b"\r\n--" + EDGE in b"\r\n" + content:
        return
    form, kept = await _read(form_of(content, "film.mp4", title="Ein Fïlm"), size)
    assert kept == content
    assert form.fields == {"title": "Ein Fïlm"}
    assert form.filename == "film.mp4"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("ü 🎬.mp4", "ü 🎬.mp4"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("C:\\\\films\\\\a.mp4", "a.mp4"),
        ('say \\"hi\\".mp4', 'say "hi".mp4'),
        ("a;b=c.mp4", "a;b=c.mp4"),
        ("", ""),
    ],
)
async def test_file_names(sent: str, name: str) -> None:
    form, _ = await _read(form_of(b"x", sent))
    assert form.filename == name


async def test_fields_may_come_behind_the_file() -> None:
    tail = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nLate\r\n'
    body = form_head() + b"film\r\n" + tail.encode() + b"--" + EDGE + b"--\r\n"
    form, kept = await _read(body)
    assert form.fields == {"title": "Late"}
    assert kept == b"film"


@pytest.mark.parametrize("missing", [1, 4, 8, 20, 60])
async def test_a_form_without_its_end_is_interrupted(missing: int) -> None:
    body = form_of(b"film" * 100).rstrip(b"\r\n")
    with pytest.raises(UploadInterrupted):
        await _read(body[:-missing])


async def test_an_empty_body_is_interrupted() -> None:
    with pytest.raises(UploadInterrupted):
        await _read(b"")


def _part(disposition: str, value: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode() + value + b"\r\n"


END = b"--" + EDGE + b"--\r\n"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not a form at all", "damaged"),
        (_part('form-data; name="title"', b"only") + END, "no file"),
        (_part('form-data; name="title"', b"x" * 70_000) + END, "too long"),
        (_part('form-data; name="title"', b"\xff\xfe") + END, "UTF-8"),
        (_part("form-data", b"x") + END, "no name"),
        (_part('form-data; name="other"; filename="a"', b"x") + END, "exactly one file"),
        (_part('form-data; name="file"; filename="a"', b"x") * 2 + END, "exactly one file"),
        (
            b"".join(_part(f'form-data; name="f{n}"', b"x") for n in range(40)) + END,
            "too many fields",
        ),
        (_part('form-data; name="title"; x="' + "y" * 20_000 + '"', b"x") + END, "damaged|long"),
    ],
)
async def test_what_is_no_such_form_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        await _read(body)


async def test_a_form_can_be_refused_before_its_file_has_come() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield form_head(title="bad")
        raise AssertionError("the file was waited for")

    async def sink(data: bytes) -> None:
        raise AssertionError("the file was written")

    def check(form: Form) -> None:
        raise Invalid(form.fields["title"])

    with pytest.raises(Invalid, match="bad"):
        await read_form(body(), EDGE, sink, before_file=check)


def test_the_boundary() -> None:
    assert boundary_of(CONTENT_TYPE) == EDGE
    assert boundary_of('Multipart/Form-Data; charset=utf-8; boundary="a b"') == b"a b"
    longest = b"x" * 200
    assert boundary_of(f"multipart/form-data; boundary={longest.decode()}") == longest


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=x",
        f"multipart/form-data; boundary={'x' * 201}",
    ],
)
def test_no_boundary(kind: str) -> None:
    with pytest.raises(BadRequest, match="multipart/form-data"):
        boundary_of(kind)


# What a header can hold.
_LATIN = st.characters(max_codepoint=255)
_BITS = st.sampled_from(
    (
        *(b"\r\n", b"--", b"--" + EDGE, b"\r\n--" + EDGE, b"--" + EDGE + b"--\r\n", b":", b"\0"),
        *(b'Content-Disposition: form-data; name="file"; filename="a"', b"\r\n\r\n", b"\n"),
        *(b"Content-Disposition: form-data; name=\xff", b"filename*=UTF-8''%00%ff", b"x: " * 9),
    )
)


@settings(max_examples=150)
@given(
    st.lists(_BITS | st.binary(max_size=20), max_size=25).map(b"".join),
    st.booleans(),
    st.integers(1, 80),
)
async def test_any_body_is_a_form_or_refused(body: bytes, begun: bool, size: int) -> None:
    with suppress(BadRequest, UploadInterrupted):
        form, _ = await _read(form_head(title="x") + body if begun else body, size)
        assert form.has_file


@settings(max_examples=100)
@given(
    st.text(_LATIN, max_size=60)
    | st.text(_LATIN, max_size=40).map("multipart/form-data; boundary={}".format)
)
def test_any_content_type_has_a_boundary_or_none(kind: str) -> None:
    with suppress(BadRequest):
        assert 0 < len(boundary_of(kind)) <= 200
