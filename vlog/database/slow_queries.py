"""Statements that take long are named in the log: their text, never the values in them."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Engine, ExecutionContext, event

from vlog import measures
from vlog.logs import get_logger

log = get_logger(__name__)

_BEGAN = "vlog_statement_began"
_LONGEST_TEXT = 1000


def log_slow_queries(engine: Engine, seconds: float) -> None:
    """Log every statement that takes at least so many seconds until its last row is there."""

    def begin(connection: Connection, *_: object) -> None:
        connection.info[_BEGAN] = time.perf_counter()

    def end(
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: object,
        context: ExecutionContext | None,
        executemany: bool,
    ) -> None:
        took = time.perf_counter() - connection.info.pop(_BEGAN, float("inf"))
        if took < seconds:
            return
        measures.SLOW_QUERIES.inc()
        log.warning(
            "A statement took long.",
            action="slow_query",
            milliseconds=round(took * 1000),
            statement=" ".join(statement.split())[:_LONGEST_TEXT],
        )

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
