"""`make torture`: kills, power cuts, faults, a long video, broken ones, made-up requests, variants.

python -m tests.torture [--seed N] [--kills 30] [--cuts 12] [--mutants 10000] [--rounds 5]
    [kills|power|faults|hour|mutations|requests|fuzz|variants|soak ...]

The soak takes hours, so it is done where it is named, for SOAK_SECONDS (7200).
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.torture.faults import torture_with_faults
from tests.torture.fuzz import torture_with_new_examples
from tests.torture.hour import torture_with_an_hour
from tests.torture.kills import torture_with_kills
from tests.torture.mutations import torture_with_mutations
from tests.torture.power import torture_with_power_cuts
from tests.torture.requests import torture_with_requests
from tests.torture.soak import torture_with_a_soak
from tests.torture.variants import torture_with_variants


def main() -> None:
    """Run what was asked for, print what was seen, and leave the folder where something broke."""
    parser = argparse.ArgumentParser(prog="make torture")
    everything = ["kills", "power", "faults", "hour", "mutations", "requests", "fuzz", "variants"]
    parser.add_argument("what", nargs="*", default=everything)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--cuts", type=int, default=12)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vlog-torture-"))
    print(f"seed {wanted.seed}, in {folder}", flush=True)
    runs: dict[str, Callable[[Path], list[str]]] = {
        "kills": lambda place: torture_with_kills(place, wanted.seed, wanted.kills),
        "power": lambda place: torture_with_power_cuts(place, wanted.seed, wanted.cuts),
        "faults": torture_with_faults,
        "hour": torture_with_an_hour,
        "mutations": lambda place: torture_with_mutations(place, wanted.seed, wanted.mutants),
        "requests": torture_with_requests,
        "fuzz": lambda place: torture_with_new_examples(place, wanted.seed, wanted.rounds),
        "soak": lambda place: torture_with_a_soak(place, wanted.seed),
        "variants": torture_with_variants,
    }
    table: list[str] = []
    for name in wanted.what:
        place = folder / name
        place.mkdir()
        started = time.monotonic()
        table += runs[name](place)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    print("\n".join(table))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
