"""The supervisor: one child process for each principal, restarted when it ends and never outliving the supervisor.

(1) Each child is given its own folder and nothing else; (2) a child that ends is started again: at once after exit 0,
which asks for it, otherwise after a pause that doubles while it keeps failing; (3) HOME/supervisor.json shows which
children run and are ready, and the restarts of each; (4) on stopping, every child gets SIGTERM, then SIGKILL if late.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from broker.partnership.process_files import SUPERVISOR_FILE, clear_ready, is_ready, write_whole
from broker.runtime.command import environment
from broker.runtime.service_log import ServiceLog

LOOK_EVERY_SECONDS = 0.05  # while starting: somebody watches for "ready"
LOOK_AT_READY_EVERY_SECONDS = 0.5
CAP_EVERY_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0  # short beside the hour of a RED request
STABLE_AFTER_SECONDS = 30.0  # longer than a start that fails, with its waits for log and hub
DRAIN_SECONDS = 8.0  # below the ten seconds after which a container engine kills us, unless told otherwise
NOT_STARTED = 1
"""The exit code of a process that never began."""


@final
@dataclass(kw_only=True)
class Child:
    """One supervised process. `restarts` counts starts after the first; `seen_at` is the address of its endpoints."""

    name: str
    folder: Path
    command: tuple[str, ...]
    seen_at: str | None = None
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0

    @property
    def pid(self) -> int:
        """The process id; 0 while there is no process."""
        return self.process.pid if self.process is not None and self.process.returncode is None else 0

    @property
    def ready(self) -> bool:
        """Return whether this very process has written its ready file."""
        return self.pid != 0 and is_ready(self.folder, self.pid)


@final
@dataclass(kw_only=True)
class Supervisor:
    """The supervisor of one HOME's children, until `stop` is set."""

    home: Path
    log_kind: str
    stop: asyncio.Event
    children: tuple[Child, ...]
    say: Callable[[str], None]
    """Prints one line for the operator."""
    all_ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Start and restart every child until `stop` is set; return when all have ended."""
        (self.home / SUPERVISOR_FILE).unlink(missing_ok=True)  # left by a supervisor that was killed
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._report())
                for child in self.children:
                    tasks.create_task(self._keep(child))
        finally:
            (self.home / SUPERVISOR_FILE).unlink(missing_ok=True)

    def status(self) -> dict[str, object]:
        """Return the document that `mash status --json` prints."""
        processes = {
            child.name: {"ready": child.ready, "pid": child.pid, "restarts": child.restarts} for child in self.children
        }
        return {
            "ready": all(one["ready"] for one in processes.values()),
            "log": self.log_kind,
            "processes": processes,
        }

    async def _report(self) -> None:  # (3)
        written: Mapping[str, object] = {}
        while not self.stop.is_set():
            status = self.status()
            if status != written:
                write_whole(self.home / SUPERVISOR_FILE, {"pid": os.getpid(), **status})
                written = status
            if status["ready"]:
                self.all_ready.set()
            with suppress(TimeoutError):
                pause = LOOK_AT_READY_EVERY_SECONDS if status["ready"] else LOOK_EVERY_SECONDS
                await asyncio.wait_for(self.stop.wait(), pause)

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE_SECONDS
        clock = asyncio.get_running_loop().time
        while not self.stop.is_set():
            begun = clock()
            try:
                code = await self._run_once(child)
            except OSError as fault:  # no disk space, no process slot: the other children go on, this one is retried
                self.say(f"mash: {child.name} cannot be started: {fault.strerror}")
                code = NOT_STARTED
            if self.stop.is_set():
                return
            child.restarts += 1
            self.say(f"mash: {child.name} ended with {code} and is started again; see {child.name}/service.log")
            if code == 0 or clock() - begun > STABLE_AFTER_SECONDS:  # (2)
                pause = FIRST_PAUSE_SECONDS
            if code != 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _run_once(self, child: Child) -> int:
        clear_ready(child.folder)  # a killed child leaves its file; the new process may get the same process id
        with ServiceLog(child.folder) as output:
            child.process = await asyncio.create_subprocess_exec(  # (1)
                *child.command,
                env=environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output.file,
                stderr=output.file,
            )
            stopping = asyncio.create_task(self._end(child.process))
            try:
                while True:
                    with suppress(TimeoutError):
                        return await asyncio.wait_for(child.process.wait(), CAP_EVERY_SECONDS)
                    output.cap()
            finally:
                stopping.cancel()
                await _kill(child.process)  # still running only if this task was cancelled: no child outlives us

    async def _end(self, process: asyncio.subprocess.Process) -> None:  # (4)
        await self.stop.wait()
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await asyncio.sleep(DRAIN_SECONDS)
        await _kill(process)


async def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
