"""`make bench`: what VLog costs beside the bare tools, in one run, as ratios.

Each figure is printed with its goal. The numbers depend on the machine, the ratios much less; both
want a machine that does nothing else. `python -m tests.benchmarks ladder` runs one bench alone.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.benchmarks import (
    bench_analytics,
    bench_captions,
    bench_first_frame,
    bench_ladder,
    bench_quality,
    bench_search,
    bench_segments,
    bench_site,
    bench_start,
    bench_uploads,
    bench_viewers,
    table,
)

_BENCHES: dict[str, Callable[[Path], None]] = {
    "start": bench_start.bench,
    "first-frame": bench_first_frame.bench,
    "segments": bench_segments.bench,
    "site": bench_site.bench,
    "search": bench_search.bench,
    "analytics": bench_analytics.bench,
    "uploads": bench_uploads.bench,
    "ladder": bench_ladder.bench,
    "quality": bench_quality.bench,
    "captions": bench_captions.bench,
    "viewers": bench_viewers.bench,
}


def main(wanted: list[str]) -> None:
    """Run the benches that are named, or all of them."""
    unknown = [name for name in wanted if name not in _BENCHES]
    if unknown:
        raise SystemExit(f"There is no bench {unknown[0]}. There are: {', '.join(_BENCHES)}.")
    folder = Path(tempfile.mkdtemp(prefix="vlog-bench-"))
    table.head()
    try:
        for name in wanted or _BENCHES:
            _BENCHES[name](folder)
    except httpx.HTTPError as error:
        raise SystemExit(f"the server did not answer: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
