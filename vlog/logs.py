"""Structured logs: a sentence for people, a stable `action` and ids for programs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vlog.settings import LoggingSettings

# structlog takes rich along where it is installed, for tracebacks that we do not use: 5 MiB in a
# server that otherwise needs a hundred.
_RICH = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]
try:
    import structlog
finally:
    if _RICH is None:
        del sys.modules["rich"]
    else:
        sys.modules["rich"] = _RICH

# These say at INFO what they do all day long.
_CHATTY = (
    "asyncio",
    "aiosqlite",
    "sqlalchemy",
    "hypercorn.access",
    "hypercorn.error",
    "alembic",
    "faster_whisper",
    "httpx",
    "httpcore",
)


def get_logger(name: str) -> Any:
    """A logger. Give a sentence, `action="stable_name"` and ids as keywords."""
    return structlog.stdlib.get_logger(name)


@contextmanager
def noted(**values: str) -> Iterator[None]:
    """A context in which every log record has these values, also those of tasks begun in it."""
    tokens = structlog.contextvars.bind_contextvars(**values)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**tokens)


def noted_value(name: str) -> object:
    """What `noted` gave to the records made here; None where it gave nothing of this name."""
    return structlog.contextvars.get_contextvars().get(name)


def configure_logging(settings: LoggingSettings) -> None:
    """Send everything, also what libraries log, to stderr in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings.format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _renderers(form: str) -> list[Any]:
    if form == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(default=str),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
