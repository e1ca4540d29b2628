"""Diagnosis of the event log, each principal with its own rights. Nothing is changed.

(1) A log that cannot be used, with the reason; (2) topics that are missing, or that a principal may not see although
the table of access grants it; (3) requests that no agent works on; (4) desk items that are nearly due; (5) if HOME has
an administrator's certificate, every difference between the brokers and the table of access.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from broker.application.diagnosis.principal import Finding
from broker.bootstrap.holder import build_desk
from broker.bootstrap.principal import OpenPrincipal, own_topics
from broker.config import KafkaLogConfig
from broker.errors import NotAllowed, RejectedError, UnavailableError
from broker.partnership.certificates import ADMIN
from broker.partnership.home import KAFKA_FOLDER, Home
from broker.ports import LogReader
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

START_IT = "start it with: mash up HOME"
PROVISION = "run: mash kafka apply HOME"
ABOUT_TO_BREACH = timedelta(minutes=15)
MANY = 256
AT_ONCE = timedelta(0)
TO_BE_REFUSED = timedelta(milliseconds=100)
"""The wait of a read that only tests a right: with no wait at all it could return before the log refuses it."""


async def log_findings(principal: OpenPrincipal) -> list[Finding]:
    """Return the faults of the log as this principal sees it."""
    log = principal.log()
    try:
        found = [one async for one in _topics(principal, log, provisioned_by=log.provisioned_by)]
        if not found and principal.config.role is PrincipalRole.HOLDER:
            found += [one async for one in _waiting(principal, log)]
            found += [one async for one in _at_the_desk(principal, log)]
        return found
    except UnavailableError as fault:  # (1)
        if not log.remote:
            return [Finding(what=f"the event log cannot be used: {fault}", do="see that nothing else holds log.sqlite")]
        what = f"{principal.config.principal} cannot use the event log: {await log.why_unavailable()}"
        return [Finding(what=what, do="start the brokers, or mend what is named")]
    finally:
        await log.close()


async def _topics(
    principal: OpenPrincipal, log: LogReader, *, provisioned_by: str | None
) -> AsyncIterator[Finding]:  # (2)
    name = principal.config.principal
    make = f"run: {provisioned_by}" if provisioned_by else f"{START_IT}; it makes what is missing"
    for topic, reads in own_topics(principal):
        try:
            if reads:
                await log.read(topic.name, 0, offset=0, most=1, wait=TO_BE_REFUSED if provisioned_by else AT_ONCE)
            else:
                await log.end(topic.name, 0)
        except RejectedError as fault:
            yield Finding(what=f"topic {topic.name}: {fault.reason}", do=make)
        except NotAllowed:
            what = "read" if reads else "write to"
            yield Finding(what=f"{name} may not {what} {topic.name}, or there is no such topic", do=make)


async def _waiting(principal: OpenPrincipal, log: LogReader) -> AsyncIterator[Finding]:  # (3)
    name = principal.config.principal
    topic = topic_name(principal.config.partnership, Family.REQUESTS, name)
    for partition in range(await log.partitions(topic)):
        position = await log.committed(topic, partition, group=principal.config.group("requests"))
        waiting = len(await log.read(topic, partition, offset=position.offset, most=MANY, wait=AT_ONCE))
        if waiting:
            count = f"{waiting} or more" if waiting == MANY else str(waiting)
            yield Finding(what=f"{count} requests to {name} wait for its agent", do=START_IT)


async def _at_the_desk(principal: OpenPrincipal, log: LogReader) -> AsyncIterator[Finding]:  # (4)
    name, now = principal.config.principal, principal.clock()
    reader, _ = build_desk(principal)
    due = [item.due_at for item in await reader.waiting(log) if item.due_at is not None]
    for what, count in (
        ("are late", sum(at <= now for at in due)),
        (f"are due within {ABOUT_TO_BREACH}", sum(now < at <= now + ABOUT_TO_BREACH for at in due)),
    ):
        if count:
            yield Finding(what=f"{count} items at {name}'s desk {what}", do=f"decide them: mash desk HOME {name} list")


def provisioning_findings(home: Home) -> Iterator[Finding]:  # (5)
    """Return how the brokers differ from the table; empty if HOME has no administrator's certificate.

    Raises: UsageError, UnavailableError.
    """
    requester = home.config(home.one_of_role(PrincipalRole.REQUESTER))
    if not isinstance(requester.log, KafkaLogConfig) or not (home.path / KAFKA_FOLDER / ADMIN).is_dir():
        return
    from broker.partnership.provisioning import document_of, open_provisioning

    document = document_of(open_provisioning(home, kafka=None, admin=None, development=True).plan())
    for kind, do in (
        ("changes", PROVISION),
        ("refused", "a person must decide: see mash kafka plan HOME"),
        ("foreign", "see mash kafka plan HOME"),
    ):
        for one in document[kind]:
            yield Finding(what=f"brokers: {', '.join(word for word in one.values() if word)}", do=do)
