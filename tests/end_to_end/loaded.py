"""What copies of a process need not do again: VLog is loaded, and its pages are compiled."""

from __future__ import annotations

import vlog.supervisor as supervisor
from vlog.cli import main
from vlog.web.assets import static_root
from vlog.web.pages import environment

__all__ = ["main", "supervisor"]

for folder in ("admin", "shared", "site"):
    for page in (static_root() / folder).glob("*.html"):
        environment().get_template(f"{folder}/{page.name}")
