"""What hostile and broken bytes do to every reader: a word of refusal each time, and never another exception.

Each row is a process of its own with a cap on its memory. It mutates true messages, records and files for so many
seconds, most of them sealed and signed with a member's real key, and gives them to the code that takes them in
production. It prints how many there were, how many other exceptions came (there must be none), the slowest one, and
the peak of memory. The random seed is printed: the same seed gives the same mutations of another partnership's keys.

Usage: python benchmarks/fuzz.py [--seconds S] [--rows NAME ...] [--seed N] [--megabytes M]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

from fuzzing import files, paths, wire
from fuzzing.partnership import Partnership

ROWS: Final[dict[str, Callable[[Partnership], Callable[[], str]]]] = {
    "decoders": wire.decoders,
    "envelopes": wire.envelopes,
    "directories": wire.directories,
    "registers": wire.registers,
    "holder": paths.holder,
    "screening": paths.screening,
    "summaries": paths.summaries,
    "desk": paths.desk,
    "reconciler": paths.reconciler,
    "bundles": files.bundles,
    "importers": files.importers,
    "forms": files.forms,
}
MEGABYTE: Final = 1 << 20


def run(name: str, *, seconds: float, seed: int, megabytes: int) -> dict[str, object]:
    """Run one row in this process, and return what came."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    came: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, closing(Partnership(Path(folder), Random(f"{seed}/{name}"))) as world:
        step = ROWS[name](world)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            begun = time.process_time()
            try:
                came[step()] += 1
            except Exception as error:  # noqa: BLE001 - whatever comes is what is looked for
                last = traceback.extract_tb(error.__traceback__)[-1]
                faults[f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {error}"[:200]] += 1
            slowest = max(slowest, time.process_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "row": name,
        "tried": came.total() + faults.total(),
        "others": faults.total(),
        "slowest": slowest,
        "peak": peak // 1024,
        "grown": (peak - before) // 1024,
        "came": dict(came.most_common()),
        "faults": dict(faults.most_common(20)),
    }


def main(arguments: list[str]) -> int:
    """Run the rows one after another; 1 where another exception came, or a row came to no end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--megabytes", type=int, default=1024, help="address space that each row may take")
    parser.add_argument("--json", action="store_true", help="run one row here, and print it as JSON")
    options = parser.parse_args(arguments)
    limits = {"seconds": options.seconds, "seed": options.seed, "megabytes": options.megabytes}
    if options.json:
        print(json.dumps(run(options.rows[0], **limits)))
        return 0
    print(f"seed {options.seed}, {options.seconds:g} s a row, at most {options.megabytes} MB of address space each\n")
    print(f"{'row':12}{'tried':>10}{'taken':>10}{'others':>8}{'slowest':>10}{'peak':>9}{'grown':>9}")
    failed = False
    for name in options.rows:
        words = [sys.executable, __file__, "--json", "--rows", name]
        words += [word for key, value in limits.items() for word in (f"--{key}", str(value))]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            failed = True
            print(f"{name:12} did not end: {done.stderr.strip().splitlines()[-1:]}")
            continue
        row = json.loads(done.stdout.splitlines()[-1])
        failed = failed or bool(row["others"])
        figures = f"{row['tried']:>10,}{row['came'].get('taken', 0):>10,}{row['others']:>8}"
        print(f"{name:12}{figures}{row['slowest']:>8.2f} s{row['peak']:>6} MB{row['grown']:>6} MB", flush=True)
        for fault, count in row["faults"].items():
            print(f"    {count} x {fault}")
        print("    " + ", ".join(f"{word} {count}" for word, count in row["came"].items()))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
