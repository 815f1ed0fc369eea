"""Numbers in paths: those that the database can have. There is nothing at a larger one."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, register_url_convertor


class RowNumber(IntegerConvertor):
    """SQLite's integers end at 2**63 - 1, and Python reads no number of five thousand digits."""

    regex = "[0-9]{1,18}"


def register() -> None:
    """Let `{...:int}` mean these in every route that is made from now on."""
    register_url_convertor("int", RowNumber())
