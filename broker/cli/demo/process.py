"""The demonstration's own `mash up`: a real process, started, waited for, and stopped as an operator would."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

from broker.application.status import status_of
from broker.cli.output import say
from broker.errors import UnavailableError
from broker.runtime.command import environment, mash

START_SECONDS = 60.0
STOP_SECONDS = 15.0
LOOK_EVERY_SECONDS = 0.05


@final
@dataclass(kw_only=True)
class Running:
    """The start and stop of the processes; the last three fields are known after the stop."""

    log: str
    cold_start_seconds: float
    stop_seconds: float = 0.0
    exit_code: int | None = None


@contextmanager
def running(home: Path) -> Iterator[Running]:
    """Run `mash up` on a HOME, ready inside the block and stopped after it. Raises: UnavailableError if never ready."""
    begun = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 our own interpreter and module
        mash("up", str(home)),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        log = _until_ready(home, process, begun)
        told = Running(log=log, cold_start_seconds=time.monotonic() - begun)
        say(f"mash: all processes ready after {told.cold_start_seconds:.1f} s")
        yield told
        asked_to_stop = time.monotonic()
        process.send_signal(signal.SIGTERM)
        told.exit_code = process.wait(STOP_SECONDS)
        told.stop_seconds = time.monotonic() - asked_to_stop
    finally:
        _end(process)


def _until_ready(home: Path, process: subprocess.Popen[bytes], begun: float) -> str:
    while time.monotonic() - begun < START_SECONDS:
        status = status_of(home)
        if status["ready"]:
            return str(status["log"])
        if process.poll() is not None:
            break
        time.sleep(LOOK_EVERY_SECONDS)
    raise UnavailableError("the processes did not get ready; see each folder's service.log")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process if it still runs, after success or fault."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
