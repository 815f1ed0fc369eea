"""Titles and extensions from names."""

from __future__ import annotations

import os

import pytest

from tests.ingest.test_probe_model import PICTURE, answer
from vlog.ingest.names import extension_for, plain_name, title_from
from vlog.ingest.probe_model import parse_probe


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
