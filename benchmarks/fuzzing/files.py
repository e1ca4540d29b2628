"""Rows of whoever reads files: bundles of the ledger, an organisation's own records, and the form of a request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, Final

from agents.sdk.agent import SectorAgent
from agents.sdk.importer import ImportTerms, import_files
from agents.sdk.store.records import RecordStore
from broker.bootstrap.principal import utc_now
from broker.bootstrap.requester import build_requester
from broker.bootstrap.sectors import load_agents
from broker.errors import RejectedError, UsageError
from broker.exchange.envelope import sha256, wraps_hash
from broker.exchange.parse import parse
from broker.gate.undecided import not_decided_on_yet
from broker.ports import Message
from broker.requester.compose import compose
from broker.transparency.follow import ledger_name
from broker.transparency.merkle import Frontier, MemoryNodes
from broker.transparency.note import Checkpoint, CheckpointLeaf, sign_checkpoint, streams_line
from consumers.audit.export.archive import write_archive
from consumers.audit.export.bundle import verify_bundle
from consumers.audit.export.contents import Contents, files_of
from consumers.audit.verification.public_check import PublicLeaf
from fuzzing.mutation import TEXTS, mutated_bytes, mutated_json
from fuzzing.partnership import Partnership
from schemas.request_form import RequestForm
from schemas.scalars import Wire

Step = Callable[[], str]
TAKEN: Final = "taken"
NAMES: Final = ("../../x", "\x1b[31m", "a" * 300, "/etc/passwd", "tile/0/000", "checkpoints/00000002", "")


# ---------------------------------------------------------------- bundles


def bundles(world: Partnership) -> Step:
    """A ledger's bundle with changed bytes, names, leaves, notes or directories, as a stranger checks it."""
    random = world.random
    crypto, path = world.principal("hub").crypto, world.folder / "bundle.zip"
    honest = _contents(world)
    files = files_of(honest)
    write_archive(path, files)
    whole = path.read_bytes()
    assert verify_bundle(path, roots=world.root_keys, crypto=crypto).verified, "the honest bundle does not verify"

    def other_bytes() -> None:
        path.write_bytes(mutated_bytes(whole, random))

    def other_files() -> None:
        name = random.choice(list(files))
        value = mutated_bytes(files[name], random)
        changed = {**files, random.choice((name, name, *NAMES)): value}
        if random.random() < 0.2:
            del changed[name]
        write_archive(path, changed)

    def other_contents() -> None:
        write_archive(path, files_of(_changed(honest, random)))

    def step() -> str:
        try:
            random.choice((other_bytes, other_files, other_contents))()
            same = path.read_bytes() == whole
            report = verify_bundle(path, roots=random.choice((world.root_keys, None)), crypto=crypto)
        except RejectedError as refused:
            return refused.reason
        assert same or not report.verified, "a bundle that was changed verifies"
        return TAKEN if report.verified else report.problems[0].kind.value

    return step


def _contents(world: Partnership) -> Contents:
    sealed = [one for _ in range(3) for one in asyncio.run(world.asked()) if ".audit." in one.place.topic]
    leaves = tuple(_leaf(index, one) for index, one in enumerate(sealed))
    origin = ledger_name(world.name)
    headers = [parse(one).header for one in sealed]
    ends = {(one.sender, one.stream): one.sequence for one in sorted(headers, key=lambda one: one.sequence)}
    checkpoint = Checkpoint(
        origin=origin,
        size=len(leaves),
        root=Frontier.at(MemoryNodes(leaf.hash for leaf in leaves), len(leaves)).root(),
        previous=0,
        leaves=tuple(
            CheckpointLeaf(index=leaf.index, event_id=parse(one).header.event_id, leaf_hash=leaf.hash)
            for leaf, one in zip(leaves, sealed, strict=True)
        ),
        extensions=(streams_line(ends),),
    )
    signed = sorted(world.home.directory_folder.glob("directory-*.avro"))
    return Contents(
        partnership=world.name,
        roots=tuple(sorted(world.root_keys.items())),
        directories=tuple(one.read_bytes() for one in signed),
        notes=(sign_checkpoint(checkpoint, world.principal("hub-audit").keys.signer, origin),),
        leaves=leaves,
    )


def _leaf(index: int, message: Message) -> PublicLeaf:
    envelope = parse(message).envelope
    return PublicLeaf(
        index=index,
        header=envelope.header,
        ciphertext_hash=sha256(envelope.ciphertext),
        wraps_hash=wraps_hash(envelope.wraps),
        signature=envelope.signature,
    )


def _changed(honest: Contents, random: Random) -> Contents:
    """Change what the bundle is made from, so that all that follows from it fits again."""
    at = random.randrange(len(honest.leaves))
    leaf = honest.leaves[at]
    name = random.choice(("header", "ciphertext_hash", "wraps_hash", "signature"))
    value = mutated_bytes(getattr(leaf, name), random)
    if name != "header":
        value = (value + bytes(64))[: len(getattr(leaf, name))]
    match random.randrange(5):
        case 0:
            return replace(honest, notes=tuple(mutated_bytes(one, random) for one in honest.notes))
        case 1:
            return replace(honest, directories=tuple(mutated_bytes(one, random) for one in honest.directories))
        case 2:
            return replace(honest, partnership=random.choice(TEXTS))
        case 3:
            return replace(honest, leaves=honest.leaves[:at])
    told: dict[str, Any] = {name: value}
    changed = replace(leaf, **told)
    return replace(honest, leaves=(*honest.leaves[:at], changed, *honest.leaves[at + 1 :]))


# ---------------------------------------------------------------- records


def importers(world: Partnership) -> Step:
    """The importer of every sector, given its examples with evil keys and values; the account never repeats a value."""
    random = world.random
    agents = [one for one in load_agents().values() if isinstance(one, SectorAgent)]
    examples = {one.sector: [path for path in one.examples() if path.suffix == ".json"] for one in agents}
    stores = {agent.sector: RecordStore(world.database(agent.sector, agent.store_schema)) for agent in agents}
    now = utc_now()

    def step() -> str:
        agent = random.choice(agents)
        document = json.loads(random.choice(examples[agent.sector]).read_text("utf-8-sig"))
        path = world.folder / "export.json"
        path.write_bytes(mutated_json(document, random))
        accounts = import_files(
            [path],
            agent=agent,
            store=stores[agent.sector],
            terms=ImportTerms(
                now=now,
                verified_identifiers=random.random() < 0.5,
                format_name=random.choice((None, *(one.name for one in agent.formats))),
            ),
        )
        account = json.dumps([one.as_json() for one in accounts], ensure_ascii=False)
        assert not any(one in account for one in ("\x1b", "\u202e", "╭")), "the account repeats what a file says"
        (one,) = accounts
        return one.rejected[0].reason if one.rejected else TAKEN

    return step


# ---------------------------------------------------------------- forms


def forms(world: Partnership) -> Step:
    """The form of a request with mutated JSON: a line for each fault, or the gate's decision and what goes out."""
    random = world.random
    hub = world.principal("hub")
    requester = build_requester(hub)

    async def nothing(log: Any) -> None:
        return None

    requester.outbox.drain = nothing  # type: ignore[method-assign]
    request, _, _ = asyncio.run(world.honest())
    world.mutator.learn(request)

    def step() -> str:
        document = world.form()
        if random.random() < 0.7:
            said = world.mutator.mutated(request.common)
            document |= _said(said, random)
        data = mutated_json(document, random) if random.random() < 0.7 else json.dumps(document).encode()
        try:
            form = compose(data, ratings=requester.ratings)
            not_decided_on_yet(form)
            requester.explain(data, now=hub.clock())
            outcome = asyncio.run(requester.ask(data, request_id=None, log=None, now=hub.clock()))  # type: ignore[arg-type]
        except UsageError as refused:
            return "refused, and repeats an escape" if "\x1b" in str(refused) else "refused with a line"
        return TAKEN if outcome.sent else "denied by the gate"

    return step


def _said(common: Wire, random: Random) -> dict[str, Any]:
    """Return some of a mutated record's fields, as a form writes them."""
    try:
        document: dict[str, Any] = common.model_dump(mode="json", exclude_none=True)
    except (ValueError, TypeError, AttributeError):
        return {}
    document.pop("people")
    kept = [name for name in document if name in RequestForm.model_fields and random.random() < 0.5]
    return {name: document[name] for name in kept}
