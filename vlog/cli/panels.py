"""The headings under which `vlog --help` shows the commands."""

from __future__ import annotations

RUN = "Run VLog"
ADD = "Add videos"
MANAGE = "Manage videos"
SET_UP = "Set up and look after"
