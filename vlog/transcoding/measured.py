"""How long pieces of work take, for `/metrics`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from vlog import measures
from vlog.catalog.leases import Lease, LeaseLost


@contextmanager
def measured(lease: Lease) -> Iterator[None]:
    """Count a piece of work with how long it took and how it ended: done, failed, stopped, lost."""
    began = time.monotonic()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except asyncio.CancelledError:
        outcome = "stopped"
        raise
    except LeaseLost:
        outcome = "lost"
        raise
    finally:
        rungs = ",".join(lease.renditions)
        seconds = time.monotonic() - began
        measures.WORK_SECONDS.labels(lease.kind, rungs, outcome).observe(seconds)
