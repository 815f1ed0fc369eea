"""Titles and extensions from names."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.test_probe_model import PICTURE, answer
from vlog.ingest.names import extension_for, plain_name, title_from
from vlog.ingest.probe_model import parse_probe
from vlog.storage.local import LocalStorage
from vlog.web.api_source import attachment


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("My_holiday.2024.mp4", "My holiday 2024"),
        ("My holiday v1.2.mp4", "My holiday v1.2"),
        ("ünïcode_🎬.MKV", "ünïcode 🎬"),
        ("no extension", "no extension"),
        ("1.5 hours", "1.5 hours"),
        ("../../etc/passwd.mp4", "passwd"),
        ("C:\\films\\a_b.mp4", "a b"),
        ("folder/", "folder"),
        (".mp4", "mp4"),
        ("___.mp4", ""),
        ("", ""),
        ("a\x00b\x1b[31m\n.mp4", "ab[31m"),
        (os.fsdecode(b"caf\xe9.mp4"), "caf�"),
    ],
)
def test_titles(name: str, title: str) -> None:
    assert title_from(name) == title


def test_a_plain_name_can_be_written_everywhere() -> None:
    name = plain_name("/srv/in/" + os.fsdecode(b"\xff\xfe\n.mp4"))
    assert "/" not in name
    assert name.isprintable()
    assert name.encode().endswith(b".mp4")


@pytest.mark.parametrize(
    ("name", "container", "extension"),
    [
        ("film.MP4", "mov,mp4,m4a,3gp,3g2,mj2", ".mp4"),
        ("film.m2ts", "mpegts", ".m2ts"),
        ("film.exe", "matroska,webm", ".mkv"),
        ("film", "mov,mp4,m4a,3gp,3g2,mj2", ".mp4"),
        ("film.mp4/../../x", "mpegts", ".ts"),
        ("film", "flv", ".flv"),
        ("film", "asf", ".wmv"),
        ("film", "odd_name", ".bin"),
        ("film", "", ".bin"),
    ],
)
def test_extensions(name: str, container: str, extension: str) -> None:
    assert extension_for(name, parse_probe(answer(PICTURE, format_name=container))) == extension


_BYTES = st.binary(max_size=40).map(os.fsdecode)
_FILES = st.one_of(
    _BYTES,
    st.text(max_size=40),
    st.lists(
        st.sampled_from(("..", "/", "\\", ".", "a", ".mp4", "\n", '"', ";", "\u202e", "con:")),
        max_size=8,
    ).map("".join),
)
_STORAGE = LocalStorage(Path("/srv/vlog"))


@settings(max_examples=150)
@given(_FILES, st.text(max_size=20))
def test_no_name_leads_anywhere(name: str, container: str) -> None:
    plain = plain_name(name)
    assert plain.isprintable()
    assert not {*plain} & {*"/\\"}
    assert title_from(name).encode().decode() == title_from(name)
    probe = parse_probe(answer(PICTURE, format_name=container))
    source = _STORAGE.source(f"1{extension_for(name, probe)}")
    assert source.parent == _STORAGE.uploads


@settings(max_examples=150)
@given(_FILES)
def test_a_download_has_one_name_and_no_folder(name: str) -> None:
    header = attachment(plain_name(name))
    assert header.isascii()
    assert header.isprintable()
    kind, plain, encoded = header.split("; ")
    assert kind == "attachment"
    said = plain.removeprefix("filename=")
    assert (said[0], said[-1]) == ('"', '"')
    assert not {*said[1:-1]} & {*'"\\/%;'}
    full = unquote(encoded.removeprefix("filename*=UTF-8''"))
    assert full
    assert full not in (".", "..")
    assert "/" not in full
    assert plain_name(name).endswith(full) or full == "video" or full in plain_name(name)
