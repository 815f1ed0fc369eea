"""What a person types: a module for each noun, put together by `application`."""

from __future__ import annotations

from vlog.cli.application import app, main

__all__ = ["app", "main"]
