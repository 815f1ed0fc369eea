"""What the documents tell people to write into `vlog.toml` is a configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_docs_commands import DOCUMENTS
from vlog.configuration import load
from vlog.errors import ConfigurationError

_BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{path.stem}-{number}")
    for path in DOCUMENTS
    for number, block in enumerate(_BLOCK.findall(path.read_text(encoding="utf-8")))
]


def test_the_documents_show_configurations_at_all() -> None:
    assert len(BLOCKS) >= 8


@pytest.mark.parametrize("block", BLOCKS)
def test_every_configuration_in_a_document_is_right(block: str, tmp_path: Path) -> None:
    (tmp_path / "vlog.toml").write_text(block, encoding="utf-8")
    given = load(tmp_path / "vlog.toml")
    assert given.file == tmp_path / "vlog.toml"


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    (tmp_path / "vlog.toml").write_text("[transcoding]\nkeep_sources = true\n")
    with pytest.raises(ConfigurationError, match="keep_source"):
        load(tmp_path / "vlog.toml")
