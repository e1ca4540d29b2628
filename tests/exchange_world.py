"""What the tests of the exchange share: an insider who seals what they like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from broker.adapters.crypto import random_bytes
from broker.exchange.envelope import digest_of, pad, part_hash, sha256, wrap_info
from broker.ports import Outgoing
from schemas.answer import Answer, AnswerBody, AnswerStatus, Judgement, Match
from schemas.codec import MODELS, decode, encode, encode_parts, schema_digest
from schemas.decision import GateDecision
from schemas.exchange import SUITE, Asked, Content, Dispatch, DispatchBody, Envelope, Header
from schemas.request import RequestCommon
from schemas.scalars import Wire
from schemas.summary import Summary, SummaryBody
from schemas.topics import RULES
from schemas.vocabulary import Certainty, GateOutcome, Kind, MatchMethod, Sector, Status

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


# ---------------------------------------------------------------- an insider


def header_of(outgoing: Outgoing) -> Header:
    """Read the header that anybody can see."""
    return decode(Header, decode(Envelope, outgoing.value).header)


def altered(outgoing: Outgoing, **changes: Any) -> Outgoing:
    """Change parts of the envelope and leave the rest: what somebody without any key can do."""
    envelope = decode(Envelope, outgoing.value)
    fields = {name: getattr(envelope, name) for name in Envelope.model_fields}
    return Outgoing(topic=outgoing.topic, key=outgoing.key, value=encode(Envelope(**{**fields, **changes})))


@dataclass
class Insider:
    """Somebody who holds one principal's signing key and seals without any of the product's checks.

    `readers` are the principals to seal to, where they are not the rule's; `padded` turns the framed content into what
    is encrypted; `header` is changed before anything is encrypted or signed, so that everything else fits it.
    """

    partnership: Any
    sender: str = "hub"

    def seal(
        self,
        record: Wire,
        kind: Kind,
        topic: str,
        *,
        readers: Sequence[str] | None = None,
        parts: tuple[bytes, ...] | None = None,
        salts: tuple[bytes, ...] | None = None,
        content: Content | None = None,
        hashes: tuple[bytes, ...] | None = None,
        padded: Callable[[bytes], bytes] = lambda framed: framed,
        signer: Any = None,
        key: bytes | None = None,
        **header: Any,
    ) -> Outgoing:
        """Seal and sign, wrongly where told so."""
        world = self.partnership
        parts = parts or encode_parts(record)
        salts = salts or tuple(random_bytes(32) for _ in parts)
        names = readers or world.trusted.readers(kind, sender=self.sender, topic=topic)
        kem_keys = [world.openers[name].public_key for name in names]
        signer = signer or world.signers[self.sender]
        letter = world.letter(record, kind, topic)
        values: dict[str, Any] = {
            "suite": SUITE,
            "partnership": world.trusted.directory.partnership,
            "kind": kind,
            "topic": topic,
            **{
                name: getattr(letter, name)
                for name in ("message_id", "request_id", "thread", "answers", "event_id", "stream")
            },
            "sender": self.sender,
            "signing_key_id": signer.key_id,
            "recipients": tuple(sha256(one) for one in kem_keys),
            "directory_version": world.trusted.directory.version,
            "directory_digest": world.trusted.digest,
            "schema_digest": schema_digest(MODELS[kind]),
            "sequence": 1,
            "issued_at": world.now,
            "expires_at": world.now + timedelta(days=14),
            "parts": hashes
            or tuple(part_hash(index, *one) for index, one in enumerate(zip(salts, parts, strict=True))),
        }
        made = Header(**{**values, **header})
        framed = pad(content or Content(salts=salts, parts=parts), bucket=RULES[kind].bucket)
        value = self._envelope(encode(made), padded(framed), kem_keys, signer)
        return Outgoing(topic=topic, key=key or RULES[kind].key.of(made), value=value)

    def _envelope(self, header: bytes, padded: bytes, kem_keys: Sequence[bytes], signer: Any) -> bytes:
        crypto, content_key = self.partnership.crypto, random_bytes(32)
        ciphertext = crypto.encrypt(content_key, padded, header)
        wraps = tuple(crypto.wrap(one, content_key, wrap_info(header, ciphertext)) for one in kem_keys)
        signature = signer.sign(digest_of(header, ciphertext, wraps))
        return encode(Envelope(header=header, ciphertext=ciphertext, wraps=wraps, signature=signature))


def an_answer(request_id: str, *, status: Status = Status.NO_TRACE, gaps: str = "") -> Answer:
    """Return an answer of the police about one invented child."""
    words = ("rows", "reasons", "dropped", "missing_evidence", "obligations", "basis")
    nothing: dict[str, Any] = dict.fromkeys(words, ())
    match = Match(about="p1", certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=())
    return Answer(
        status=AnswerStatus(
            request_id=request_id,
            organisation="police",
            revision=1,
            status=status,
            stage=None,
            reason=None,
            answered_at=NOW,
            data_as_at=None,
            approved_by=None,
            decision=GateDecision(outcome=GateOutcome.PERMIT, **nothing, table_version="2026.1", table_hash=bytes(32)),
            match=match,
            matches=(),
            item_counts=(),
        ),
        body=AnswerBody(
            items=(),
            systems_searched=(),
            gaps=gaps,
            look_back_from=None,
            known_to_agency=None,
            lead_contact=None,
            author=None,
            judgement=Judgement(),
        ),
    )


def a_dispatch(common: RequestCommon) -> Dispatch:
    """Return the hub's note that the police were asked this."""
    asked = (Asked(organisation="police", sector=Sector.POLICE, request_digest=bytes(32)),)
    names = ("request_id", "case_ref", "rating", "band", "received_at", "due_at", "decision")
    return Dispatch(body=DispatchBody(asked=asked, **{name: getattr(common, name) for name in names}))


def a_summary(common: RequestCommon) -> Summary:
    """Return a summary of this request, to which nobody has answered yet."""
    names = ("request_id", "case_ref", "rating", "band", "received_at", "due_at", "decision")
    fields = {name: getattr(common, name) for name in names}
    return Summary(body=SummaryBody(version=1, complete=False, answers=(), **fields))


def flipped(data: bytes, at: int, *, bit: int = 0) -> bytes:
    """Return the bytes with one bit turned over."""
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


# ---------------------------------------------------------------- dying on cue
