"""Another process on the same event log: `child.py DESCRIPTION ROLE ARGUMENTS`, the first and last in JSON.

It prints a line when it has something to say and reads a line when it is to go on. Run by the `child` of the
contract suite's factory, mostly to be killed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from datetime import timedelta
from pathlib import Path

from broker.adapters.embedded import EmbeddedLog
from broker.adapters.kafka import KafkaLog
from broker.errors import Fenced
from broker.ports import CommittedOffset, EventLog, LogOwner, LogReader, Outgoing

SECOND = timedelta(seconds=1)


def open_log(description: dict[str, object]) -> EventLog:
    session = timedelta(seconds=float(str(description["session_seconds"])))
    if description["adapter"] == "embedded":
        return EmbeddedLog(Path(str(description["path"])), lease=session)
    assert description["adapter"] == "kafka"
    return KafkaLog(str(description["bootstrap"]), client_id="child", session=session)


def say(word: object) -> None:
    print(word, flush=True)


async def signal() -> None:
    """Wait for a line without stopping the event loop."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def work(log: LogOwner, *, topic: str, group: str, outputs: list[str], total: int) -> None:
    """Answer `total` messages on every output topic, in batches with the position; the metadata counts them."""
    claim = await log.claim(topic, await log.wait_for_assignment(topic, group=group), group=group)
    count = int(claim.position.metadata or "0")
    while count < total:
        batch = await claim.fetch(most=3, wait=SECOND)
        if not batch:
            continue
        count += len(batch)
        answers = [
            Outgoing(topic=output, key=message.value, value=b"%d" % message.place.offset)
            for message in batch
            for output in outputs
        ]
        await claim.publish(answers, position=CommittedOffset(offset=batch[-1].place.offset + 1, metadata=str(count)))
        say("published")


async def own(log: LogOwner, *, topic: str, group: str) -> None:
    """Take the partition that is free and keep it."""
    await log.claim(topic, await log.wait_for_assignment(topic, group=group), group=group)
    say("claimed")
    await signal()


async def zombie(log: LogOwner, *, topic: str, group: str, output: str) -> None:
    """Stop dead while owning a partition, then wake up and publish."""
    claim = await log.claim(topic, await log.wait_for_assignment(topic, group=group), group=group)
    say("claimed")
    sys.stdin.readline()  # stops the whole event loop: no sign of life goes out
    try:
        await claim.publish([Outgoing(topic=output, key=b"key", value=b"late")], position=CommittedOffset(offset=9))
    except Fenced:
        say("fenced")
    else:
        say("published")


async def append(log: LogOwner, *, topic: str, writer: str, name: str) -> None:
    """Publish one numbered message after the other, as fast as it goes, until told to stop."""
    claim = await log.claim(writer, 0, group=name)
    stop = asyncio.create_task(signal())
    number = 0
    while not stop.done():
        message = Outgoing(topic=topic, key=b"key", value=f"{name} {number}".encode())
        await claim.publish([message], position=CommittedOffset(offset=number))
        number += 1
        if number == 1:
            say("started")
    say(number)


async def follow(log: LogReader, *, topic: str, count: int) -> None:
    """Read until `count` messages have come, then print a digest of them in their order."""
    digest = hashlib.sha256()
    offset = seen = 0
    while seen < count:
        for message in await log.read(topic, 0, offset=offset, most=count - seen, wait=SECOND):
            digest.update(b"%d " % message.place.offset + message.value + b"\n")
            offset, seen = message.place.offset + 1, seen + 1
    say(digest.hexdigest())


async def main() -> None:
    description, role, arguments = sys.argv[1:]
    log = open_log(json.loads(description))
    roles = {"work": work, "own": own, "zombie": zombie, "append": append, "follow": follow}
    try:
        await roles[role](log, **json.loads(arguments))
    finally:
        await log.close()


if __name__ == "__main__":
    asyncio.run(main())
