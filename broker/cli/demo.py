"""`mash demo`: the whole story on an invented family, from a file of records to a proof that nothing was altered.

(1) A partnership is made; (2) police import what they hold; (3) everything is started as it runs in earnest, each
process with its own keys; (4) the hub asks, and waits for the recorded answer; (5) police look at their own account;
(6) the ledger is verified while it runs; (7) one byte is changed in a copy of the bundle, and one in a copy of the
ledger's database, and both must be found. It succeeds only if all of this held.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, final

from broker.bootstrap import load_agents
from broker.cli.demo_process import Running, running
from broker.cli.hub import open_hub
from broker.cli.init import make_home
from broker.cli.ledger import exported, verified_ledger
from broker.cli.log_choice import move_to_kafka
from broker.cli.output import DONE, FINDING, emit, say
from broker.cli.reading import Shown
from broker.cli.records import account_of, imported
from broker.cli.request import ask, read_request_file
from broker.cli.tamper import tampered_bundle, tampered_ledger
from broker.errors import UsageError
from broker.home import Home, open_home
from consumers.audit.report import LedgerReport
from schemas.vocabulary import Sector

ORGANISATION = "police"
PROFILE = "northamptonshire"
REQUEST = Path("requests") / "testerton.json"
"""The request of the story, beside the example records that the sector's agent names."""

NAME = "A child at risk of significant harm: RED, section 47"
PATIENCE = timedelta(seconds=60)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that happened, for the page and for the JSON document."""

    made: dict[str, Any]
    records: dict[str, Any]
    asked: Shown
    account: dict[str, Any] = field(repr=False)
    ledger: LedgerReport
    tampered: dict[str, LedgerReport]
    log: str
    cold_start_seconds: float
    stop_seconds: float
    stopped_clean: bool
    seconds: float

    @property
    def answered(self) -> bool:
        """Say whether the answer holds items and stands in the ledger."""
        answers = self.asked.document["answers"]
        return (
            self.asked.code == DONE
            and isinstance(answers, dict)
            and all(one["items"] and one["recorded"] for one in answers.values())
        )

    @property
    def tamper_found(self) -> bool:
        """Say whether each altered copy was found out."""
        return bool(self.tampered) and not any(report.verified for report in self.tampered.values())

    @property
    def held(self) -> bool:
        """Say whether everything was as it must be."""
        return self.answered and self.ledger.verified and self.tamper_found and self.stopped_clean

    def document(self) -> dict[str, object]:
        """Return what `mash demo --json` prints."""
        return {
            "log": self.log,
            "requests": [{"name": NAME, **self.asked.document}],
            "ledger": self.ledger.document(),
            "tamper_found": self.tamper_found,
            "seconds": round(self.seconds, 2),
            "cold_start_seconds": round(self.cold_start_seconds, 2),
            "ok": self.held,
        }


def demo(*, keep: Path | None, kafka: str | None, json: bool) -> int:
    """Play the story; `keep` is where its HOME stays. Exit 0 only if everything held.

    Raises: UsageError where that folder is not empty; UnavailableError where the processes do not get ready.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mash-demo-") as scratch:
        story = _play(keep or Path(scratch) / "home", kafka, Path(scratch), begun)
    if json:
        emit(story.document())
    else:
        from broker.cli.view_demo import show_story

        show_story(story)
    if keep is not None:
        say(f"mash: the home is kept; go on with: mash up {keep}")
    return DONE if story.held else FINDING


def _play(path: Path, kafka: str | None, scratch: Path, begun: float) -> Story:
    made = make_home(
        path,
        profile=PROFILE,
        organisations=[f"{ORGANISATION}=POLICE"],
        review=(),
        partnership=_own_name() if kafka else None,
    )  # (1)
    home, examples = open_home(path), _examples()
    if kafka is not None:
        move_to_kafka(home, kafka)
    records = imported(  # (2)
        home,
        ORGANISATION,
        examples,
        bindings={},
        verified_identifiers=False,
        format_name=None,
    )
    with running(home.path) as processes:  # (3)
        asked = asyncio.run(_ask(home, examples[0].parent / REQUEST))  # (4)
        account = account_of(home, ORGANISATION, str(asked.document["request_id"]))  # (5)
        ledger = verified_ledger(home)  # (6)
    return _told(made, records, asked, account, ledger, home, processes, scratch, begun)


def _told(
    made: dict[str, Any],
    records: dict[str, Any],
    asked: Shown,
    account: dict[str, Any],
    ledger: LedgerReport,
    home: Home,
    processes: Running,
    scratch: Path,
    begun: float,
) -> Story:
    bundle = scratch / "ledger.bundle"
    exported(home, bundle)
    tampered = {  # (7)
        "the exported bundle": tampered_bundle(bundle, scratch),
        "the ledger's database": tampered_ledger(home, scratch),
    }
    return Story(
        made=made,
        records=records,
        asked=asked,
        account=account,
        ledger=ledger,
        tampered=tampered,
        log=processes.log,
        cold_start_seconds=processes.cold_start_seconds,
        stop_seconds=processes.stop_seconds,
        stopped_clean=processes.exit_code == DONE,
        seconds=time.monotonic() - begun,
    )


def _own_name() -> str:
    """Return a partnership's name of its own: brokers keep what an earlier demonstration left under another."""
    return f"demo-{secrets.token_hex(4)}"


def _examples() -> tuple[Path, ...]:
    agent = load_agents().get(Sector.POLICE)
    if agent is None or not agent.examples():
        raise UsageError("the police agent is not installed: there is nothing to show")
    return agent.examples()


async def _ask(home: Home, request: Path) -> Shown:
    async with open_hub(home) as hub:
        shown = await ask(hub, read_request_file(request), None, PATIENCE)
        await hub.drain()
        return shown
