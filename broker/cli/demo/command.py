"""`mash demo`: the whole story on an invented family, from files of records to a proof that nothing was altered.

(1) A partnership of four organisations is made, on the embedded log or on Kafka; (2) each imports its records, in its
own formats; (3) all processes are started as in earnest, each with its own keys; (4) the hub asks six times, and
health's practitioner decides every item at the desk; (5) police look at their own account; (6) the ledger is verified
while the processes run; (7) one byte is changed in a copy of the bundle, and one in a copy of the ledger's database,
and both changes must be found. The demonstration succeeds only if all of this held.
"""

from __future__ import annotations

import asyncio
import json as json_format
import secrets
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, final

from broker.application.ask import ask, prepare
from broker.application.brokers import ADMINISTRATOR, apply
from broker.application.brokers import Brokers as BrokersToProvision
from broker.application.create import Certificates, make_home
from broker.application.desk import Release, release, show
from broker.application.ledger import exported, verified_ledger
from broker.application.records import ImportWanted, account_of, imported
from broker.application.session import Home, Hub, open_desk, open_home, open_hub
from broker.application.switch_log import move_to_kafka
from broker.bootstrap.sectors import load_agents
from broker.cli.demo.process import Running, running
from broker.cli.demo.script import FAMILY, PERSON_BOUND, SCRIPT, Take
from broker.cli.demo.story import Scene, Story
from broker.cli.demo.tamper import tampered_bundle, tampered_ledger
from broker.cli.output import DONE, FINDING, emit, say
from broker.errors import UnavailableError, UsageError
from schemas.vocabulary import PrincipalRole, Sector

PROFILE = "northamptonshire"
AT_THE_DESK = "health"
REVIEW = ("none", f"{AT_THE_DESK}=before")
PATIENCE = timedelta(seconds=60)
LOOK_EVERY_SECONDS = 0.1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Brokers:
    """The brokers to play on instead of the embedded log, with the folder of certificates if they ask for them."""

    address: str
    authority_folder: Path | None


def demo(*, keep: Path | None, brokers: Brokers | None, json: bool) -> int:
    """Play the story; its HOME stays in `keep`, if given. Exit 0 only if everything held.

    Raises: UsageError where that folder is not empty, or these brokers cannot be used; UnavailableError where the
    processes do not get ready.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mash-demo-") as scratch:
        story = _play(keep or Path(scratch) / "home", brokers, Path(scratch), begun)
    if json:
        emit(story.document())
    else:
        from broker.cli.demo.view import show_story

        show_story(story)
    if keep is not None:
        say(f"mash: the home is kept; go on with: mash up {keep}")
    return DONE if story.held else FINDING


def _play(path: Path, brokers: Brokers | None, scratch: Path, begun: float) -> Story:
    made = _made(path, brokers)  # (1)
    home = open_home(path)
    records = tuple(_import(home, name) for name in home.of_role(PrincipalRole.HOLDER))  # (2)
    with running(home.path) as processes:  # (3)
        scenes = asyncio.run(_scenes(home))  # (4)
        account = asyncio.run(_left_out(home, scenes[0]))  # (5)
        ledger = verified_ledger(home)  # (6)
    bundle = scratch / "ledger.bundle"
    exported(home, bundle)
    tampered = {  # (7)
        "the exported bundle": tampered_bundle(bundle, scratch),
        "the ledger's database": tampered_ledger(home, bundle, scratch),
    }
    return Story(
        made=made,
        records=records,
        scenes=scenes,
        account=account,
        ledger=ledger,
        tampered=tampered,
        **_told(processes),
        seconds=time.monotonic() - begun,
    )


def _made(path: Path, brokers: Brokers | None) -> dict[str, object]:
    """Make the HOME, move it to the brokers if there are any, and provision those that check certificates."""
    if brokers is None:
        return make_home(path, profile=PROFILE, organisations=(), review=REVIEW)
    folder = brokers.authority_folder
    made = make_home(
        path,
        profile=PROFILE,
        organisations=(),
        review=REVIEW,
        certificates=Certificates(authority_folder=folder) if folder else None,
        partnership=_own_name(),
    )
    home = open_home(path)
    if folder is not None:
        at = BrokersToProvision(address=brokers.address, admin=folder / ADMINISTRATOR, development=True)
        done = apply(home, at).document
        say(f"mash: brokers provisioned: {len(done['changes'])} changes, {len(done['refused'])} refused")
    move_to_kafka(home, brokers.address)
    return made


def _told(processes: Running) -> dict[str, Any]:
    return {
        "log": processes.log,
        "cold_start_seconds": processes.cold_start_seconds,
        "stop_seconds": processes.stop_seconds,
        "stopped_clean": processes.exit_code == DONE,
    }


def _own_name() -> str:
    """Return a fresh partnership name: brokers keep the topics of earlier demonstrations under theirs."""
    return f"demo-{secrets.token_hex(4)}"


def _import(home: Home, organisation: str) -> dict[str, Any]:
    sector = home.config(organisation).sector
    agent = load_agents().get(sector)
    if agent is None or not agent.examples():
        raise UsageError(f"the {sector.value.lower()} agent is not installed: there is nothing to show")
    wanted = ImportWanted(bindings=PERSON_BOUND.get(sector, {}), verified_identifiers=False)
    return imported(home, organisation, list(agent.examples()), wanted)


async def _scenes(home: Home) -> tuple[Scene, ...]:
    practitioner = asyncio.create_task(_practitioner(home))
    try:
        async with open_hub(home) as hub:
            return tuple([await _scene(hub, take) for take in SCRIPT])
    finally:
        practitioner.cancel()
        with suppress(asyncio.CancelledError):
            await practitioner


async def _scene(hub: Hub, take: Take) -> Scene:
    say(f"mash: {take.name}")
    family = json_format.loads(_request_file().read_text("utf-8"))
    form = json_format.dumps(take.form(family)).encode()
    shown = await ask(hub, form, request_id=prepare(hub, form, request_id=None), patience=PATIENCE)
    return Scene(name=take.name, says=take.says, shown=shown, held=take.held(shown))


async def _left_out(home: Home, scene: Scene) -> dict[str, Any]:
    request_id = str(scene.shown.document["request_id"])
    return (await account_of(home, "police", request_id, by="police-pr-01")).document


def _request_file() -> Path:
    agent = load_agents().get(Sector.POLICE)
    if agent is None:
        raise UsageError("the police agent is not installed: there is nothing to show")
    return agent.examples()[0].parent / FAMILY


async def _practitioner(home: Home) -> None:
    """Sit at health's desk: look at each new item, and sign off its draft as it is."""
    by, seen = f"{AT_THE_DESK}-pr-01", set[str]()
    async with open_desk(home, AT_THE_DESK) as desk:
        while True:
            with suppress(UnavailableError):  # the next look tries again, as a person would
                for item in await desk.ids():
                    if item not in seen:
                        seen.add(item)
                        if (await show(desk, item, by=by)).document["draft"] is not None:
                            await release(desk, item, Release(), by=by)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
