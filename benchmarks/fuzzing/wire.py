"""Rows of the wire itself: every decoder, one envelope made wrongly, a directory and a register that were signed so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random

from broker.adapters.crypto import random_bytes
from broker.adapters.keystore import load_root
from broker.bootstrap.holder import holder_context
from broker.bootstrap.requester import hub_context
from broker.bootstrap.sectors import ALL_CLASSES
from broker.errors import InvariantError, RejectedError
from broker.exchange.directory import DIRECTORY_LABEL, TrustedDirectory, trust
from broker.exchange.envelope import LIFETIME, digest_of, pad, part_hash, sha256, unpad, wrap_info
from broker.exchange.parse import parse
from broker.gate.engine import gate
from broker.holder.evidence import may_sign
from broker.ports import Message
from broker.transparency.follow import ledger_name
from broker.transparency.note import Checkpoint, CheckpointLeaf, open_checkpoint, sign_checkpoint
from fuzzing.mutation import golden, mutated_bytes
from fuzzing.partnership import ROOTS, UNWRITABLE, Partnership
from schemas.codec import FILES, MODELS, MalformedError, decode, decode_part, encode, encode_parts
from schemas.directory import Register, RootSignature, SignedDirectory
from schemas.exchange import Content, Envelope, Header
from schemas.request import InformationRequest
from schemas.scalars import Wire
from schemas.topics import RULES, Family
from schemas.vocabulary import Capability, Kind, PrincipalRole

Step = Callable[[], str]
TAKEN = "taken"


# ---------------------------------------------------------------- decoders


def decoders(world: Partnership) -> Step:
    """All record types, single parts of all kinds, `parse`, `unpad`, `trust` and notes, on changed true bytes."""
    random = world.random
    hub = world.principal("hub")
    sealed = asyncio.run(world.asked())
    origin = ledger_name(world.name)
    signer = hub.keys.signer
    leaf = CheckpointLeaf(index=0, event_id=world.id(), leaf_hash=bytes(32))
    note = sign_checkpoint(
        Checkpoint(origin=origin, size=1, root=bytes(32), previous=0, leaves=(leaf,)), signer, origin
    )
    signed = next(world.home.directory_folder.glob("directory-*.avro")).read_bytes()

    def a_record(model: type[Wire]) -> Step:
        seeds = [encode(one) for one in golden(model)]
        return lambda: _taken(decode(model, mutated_bytes(random.choice(seeds), random)))

    def a_part(kind: Kind, index: int) -> Step:
        seeds = [encode_parts(one)[index] for one in golden(MODELS[kind])]
        return lambda: _taken(decode_part(MODELS[kind], index, mutated_bytes(random.choice(seeds), random)))

    def a_message() -> str:
        one = random.choice(sealed)
        return _taken(parse(replace(one, value=mutated_bytes(one.value, random))))

    def a_padding() -> str:
        kind = random.choice(list(Kind))
        seed = pad(random.choice(golden(Content)), bucket=RULES[kind].bucket)
        return _taken(unpad(mutated_bytes(seed, random), bucket=RULES[kind].bucket))

    def a_directory() -> str:
        return _taken(_trusted(world, mutated_bytes(signed, random)))

    def a_note() -> str:
        keys = {origin: signer.public_key}
        value = mutated_bytes(note, random)
        return _taken(open_checkpoint(value, origin=origin, keys=keys, crypto=hub.crypto, required=origin))

    whole = [a_record(model) for model in FILES]
    parts = [a_part(kind, index) for kind in Kind for index in range(len(MODELS[kind].model_fields))]
    others: list[Step] = [a_message, a_padding, a_directory, a_note] * 3
    return lambda: _or_word(random.choice(random.choice((whole, parts, others))))


def _taken(_: object) -> str:
    return TAKEN


def _or_word(step: Step) -> str:
    try:
        return step()
    except RejectedError as refused:
        return refused.reason
    except MalformedError:
        return "MALFORMED"


def _trusted(world: Partnership, signed: bytes) -> TrustedDirectory:
    hub = world.principal("hub")
    return trust(
        signed,
        partnership=world.name,
        roots=world.root_keys,
        seen=(0, None),
        crypto=hub.crypto,
        now=hub.clock(),
    )


# ---------------------------------------------------------------- one envelope

FREE = {"message_id", "event_id", "stream", "sequence", "answers"}
"""What a sender chooses in a header, so that another value is no fault that `verify` could see."""


def envelopes(world: Partnership) -> Step:
    """One envelope altered by anybody, or made wrongly by a member and signed with its own key, given to `verify`."""
    random = world.random
    request, _, first = asyncio.run(world.honest())
    _, _, second = asyncio.run(world.honest())
    police = world.principal("police")

    def altered() -> tuple[bytes, str]:
        return mutated_bytes(first.value, random), "altered"

    def mixed() -> tuple[bytes, str]:
        """Take header, ciphertext and wraps from either message, and sign them again, or not, as either sender."""
        made = {
            name: getattr(decode(Envelope, random.choice((first, second)).value), name)
            for name in Envelope.model_fields
        }
        made["wraps"] = random.choice((made["wraps"], made["wraps"] * 2, (random.randbytes(1168),), made["wraps"] * 33))
        if random.random() < 0.5:
            made["ciphertext"] = mutated_bytes(made["ciphertext"], random)
        if random.random() < 0.8:
            signer = world.principal(random.choice(("hub", "health", "police"))).keys.signer
            made["signature"] = signer.sign(digest_of(made["header"], made["ciphertext"], made["wraps"]))
        return encode(Envelope.model_construct(**made)), "mixed"

    def wrongly() -> tuple[bytes, str]:
        return _made_wrongly(world, request, first, random)

    def step() -> str:
        try:
            value, fault = random.choice((altered, mixed, wrongly, wrongly))()
        except UNWRITABLE:
            return "not writable"
        honest = value in {first.value, second.value}
        message = replace(world.at_next_place(first), value=value)
        try:
            police.verifier.verify(parse(message), record=InformationRequest, now=police.clock())
        except RejectedError as refused:
            return refused.reason
        assert honest or not fault, f"what no sender may make was accepted: {fault}"
        return TAKEN

    return step


def _made_wrongly(
    world: Partnership, request: InformationRequest, honest: Message, random: Random
) -> tuple[bytes, str]:
    """Seal as the hub does, with one step gone wrong; return also why it must not pass, empty where it may."""
    hub, crypto = world.principal("hub"), world.principal("hub").crypto
    wrong = random.choice(("header", "header", "parts", "salts", "padding", "key", "readers", "content"))
    parts, salts = encode_parts(request), (random.randbytes(32), random.randbytes(32))
    if wrong == "parts":
        parts = (mutated_bytes(parts[0], random), *parts[1:])
    header = decode(Header, decode(Envelope, honest.value).header)
    hashes = tuple(part_hash(index, *one) for index, one in enumerate(zip(salts, parts, strict=True)))
    header = header.model_copy(update={"parts": hashes, "message_id": world.id()})
    changed = world.mutator.mutated(header, most=2) if wrong == "header" else header
    readers = [hub.published.current().kem_key("police", hub.clock()).public_key]
    if wrong == "readers":
        readers = [hub.published.current().kem_key(one, hub.clock()).public_key for one in ("health", "police")]
        changed = changed.model_copy(update={"recipients": tuple(sha256(one) for one in readers)})
    head = encode(changed)
    content = Content(salts=salts[::-1] if wrong == "salts" else salts, parts=parts)
    if wrong == "content":
        content = content.model_copy(update={"parts": parts[::-1]})
    padded = pad(content, bucket=RULES[Kind.REQUEST].bucket)
    if wrong == "padding":
        padded = mutated_bytes(padded, random)
    key = random_bytes(32)
    ciphertext = crypto.encrypt(key, padded, head)
    told = key[: random.choice((0, 16, 24, 31))] if wrong == "key" else key
    wraps = tuple(crypto.wrap(one, told, wrap_info(head, ciphertext)) for one in readers)
    signature = hub.keys.signer.sign(digest_of(head, ciphertext, wraps))
    differs = {name for name in Header.model_fields if getattr(changed, name) != getattr(header, name)}
    if {"issued_at", "expires_at"} <= differs and changed.expires_at - changed.issued_at == LIFETIME:
        differs -= {"issued_at", "expires_at"}  # another moment, as long as it fits
    as_it_was = {"header": True, "parts": True, "padding": padded == pad(content, bucket=RULES[Kind.REQUEST].bucket)}
    value = encode(Envelope(header=head, ciphertext=ciphertext, wraps=wraps, signature=signature))
    return value, "" if differs <= FREE and as_it_was.get(wrong) else f"{wrong}: {', '.join(sorted(differs))}"


# ---------------------------------------------------------------- directories and registers


def directories(world: Partnership) -> Step:
    """A directory that both roots signed as it is, mutated: trusted or refused; and what is asked of a trusted one."""
    hub = world.principal("hub")
    roots = {name: load_root(world.home.folder(name) / "keys") for name in ROOTS}
    honest = hub.published.current().directory
    world.mutator.learn(honest)
    form, _, _ = asyncio.run(world.honest())

    def step() -> str:
        try:
            body = encode(world.mutator.mutated(honest))
        except UNWRITABLE:
            return "not writable"
        signatures = tuple(
            RootSignature(organisation=name, key_id=root.key_id, signature=root.sign(DIRECTORY_LABEL + sha256(body)))
            for name, root in roots.items()
        )
        try:
            trusted = _trusted(world, encode(SignedDirectory(directory=body, signatures=signatures)))
        except RejectedError as refused:
            return refused.reason
        _asked_of(world, trusted, form)
        return TAKEN

    return step


def _asked_of(world: Partnership, trusted: TrustedDirectory, request: InformationRequest) -> None:
    hub = world.principal("hub")
    now = hub.clock()
    context = hub_context(hub, requester="hub", holders=trusted.holders(), now=now)
    context = replace(context, directory=trusted.directory, directory_stale=trusted.stale(now))
    gate(request.common, context=context, tables=hub.tables.current(), now=now, judged_by=None)
    for name in trusted.principals:
        try:
            trusted.kem_key(name, now)
            trusted.readers(Kind.AUDIT_EVENT, sender=name, topic=world.topic(Family.AUDIT))
            trusted.readers(Kind.ANSWER, sender=name, topic=world.topic(Family.ANSWERS, "hub", name))
            trusted.only(PrincipalRole.AUDIT)
        except (RejectedError, InvariantError):  # the documented faults of a directory that lacks what is asked for
            continue


def registers(world: Partnership) -> Step:
    """A register that the directory pins as it is, mutated: read or refused; and both gates under one that is read."""
    random = world.random
    hub, police = world.principal("hub"), world.principal("police")
    honest = hub.published.register()
    world.mutator.learn(honest)
    request, _, _ = asyncio.run(world.honest())
    common, addressed = request.common, request.addressed

    def step() -> str:
        try:
            data = encode(world.mutator.mutated(honest))
        except UNWRITABLE:
            return "not writable"
        try:
            register = decode(Register, mutated_bytes(data, random) if random.random() < 0.1 else data)
        except MalformedError:
            return "REGISTER_MISMATCH"
        now = hub.clock()
        holders = hub.published.current().holders()
        at_hub = hub_context(hub, requester="hub", holders=holders, now=now)
        agreement = (addressed.agreement_id, addressed.agreement_version)
        at_police = holder_context(police, applicable=ALL_CLASSES, requester="hub", agreement=agreement, now=now)
        for owner, context in ((hub, at_hub), (police, at_police)):
            context = replace(context, register=register)
            gate(common, context=context, tables=owner.tables.current(), now=now, judged_by=None)
        for one in register.people[:5]:
            may_sign(one.actor, register=register, organisation=one.organisation, band=common.band, purpose=None)
            one.may(random.choice(list(Capability)), band=None, purpose=common.purpose)
        return TAKEN

    return step
