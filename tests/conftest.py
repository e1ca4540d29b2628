"""A small partnership in memory, with real keys, a really signed directory and real stores, for tests that need one."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from broker.adapters.crypto import FileOpener, FileRestKey, FileSigner, Mash1Crypto, random_bytes
from broker.adapters.sql import SqlDatabase
from broker.exchange import journal as journal_store
from broker.exchange.directory import DIRECTORY_LABEL, TrustedDirectory, trust
from broker.exchange.envelope import derived_id, request_id_at, sha256
from broker.exchange.journal import Journal
from broker.exchange.keys import KeyRing
from broker.exchange.possession import own_kem_key, own_signing_key
from broker.exchange.public_file import PublicFile
from broker.exchange.seal import Sealed, Sealer, UnsealedMessage
from broker.exchange.verify import Verifier
from broker.gate.context import GateContext, HolderAsked, Side
from broker.gate.engine import gate
from broker.ports import LogOffset, Message, Outgoing
from broker.requester.compose import compose
from broker.requester.rating import own_words
from schemas.codec import encode
from schemas.directory import (
    Directory,
    Principal,
    Register,
    RootSignature,
    SharingAgreement,
    SignedDirectory,
    SuiteWindow,
)
from schemas.request import (
    IdentifierAsked,
    InformationRequest,
    PersonAsked,
    RequestAddressed,
    RequestCommon,
    RequestSaid,
)
from schemas.request_form import RatedForm
from schemas.scalars import Wire
from schemas.topics import Family, topic_name
from schemas.vocabulary import (
    DataClass,
    IdentifierScheme,
    Kind,
    Mode,
    PrincipalRole,
    PrincipalState,
    Purpose,
    ReviewPolicy,
    Sector,
)
from tests.kafka_nodes import kafka_bootstrap, kafka_data, node_parts, secured_cluster  # noqa: F401 fixtures for all
from tests.packaged_tables import northamptonshire
from tests.people import MASH_MANAGER, MASH_SOCIAL_WORKER, PRACTITIONER, person, reviews
from tests.skipped import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 hooks of every run

settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")  # the same examples each time: a red run can be had again

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PARTNERSHIP = "northants"
ROLES = {
    "hub": (PrincipalRole.REQUESTER, Sector.CHILDRENS_SOCIAL_CARE, "hub"),
    "hub-screening": (PrincipalRole.SCREENING, Sector.CHILDRENS_SOCIAL_CARE, "hub"),
    "hub-audit": (PrincipalRole.AUDIT, Sector.CHILDRENS_SOCIAL_CARE, "hub"),
    "police": (PrincipalRole.HOLDER, Sector.POLICE, "police"),
    "health": (PrincipalRole.HOLDER, Sector.HEALTH, "health"),
}
REQUEST: dict[str, Any] = {
    "case_ref": "C-000123",
    "purpose": "S47_ENQUIRY",
    "rating": "RED",
    "section": "S47",
    "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
    "presenting_issues": ["DOMESTIC_ABUSE"],
    "narrative": "An invented concern about an invented child.",
    "threshold_statement": "Reasonable cause to suspect significant harm, invented.",
    "no_consent_reason": "WOULD_PREJUDICE_PROTECTION",
    "family_informed": {"status": "DEFERRED", "reason": "WOULD_INCREASE_RISK"},
    "people": [
        {
            "ref": "p1",
            "roles": ["SUBJECT_CHILD"],
            "given_names": ["Robin"],
            "family_name": "Testerton",
            "date_of_birth": "2015-03-14",
            "sex": "FEMALE",
            "identifiers": {"nhs": "9990000018"},
            "postcodes": ["ZZ99 3VZ"],
        }
    ],
    "agencies": ["police"],
    "data_classes": ["ORDINARY", "SPECIAL", "CRIMINAL"],
    "mode": "CONTENT",
}


@dataclass
class Partnership:
    """Everybody's keys, the directory they trust, and short ways to seal, place and verify."""

    folder: Path
    review: ReviewPolicy = ReviewPolicy.NONE
    now: datetime = NOW
    crypto: Mash1Crypto = field(default_factory=Mash1Crypto)
    signers: dict[str, FileSigner] = field(default_factory=dict)
    openers: dict[str, FileOpener] = field(default_factory=dict)
    rests: dict[str, FileRestKey] = field(default_factory=dict)
    roots: dict[str, FileSigner] = field(default_factory=dict)
    databases: list[SqlDatabase] = field(default_factory=list)
    journals: dict[str, Journal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ROLES:
            self.signers[name] = FileSigner(random_bytes(32))
            self.openers[name] = FileOpener(random_bytes(32))
            self.rests[name] = FileRestKey(random_bytes(32))
        self.roots = {name: FileSigner(random_bytes(32)) for name in ("hub", "police")}
        people = [
            ("mm-01", "hub", MASH_MANAGER),
            ("mm-02", "hub", MASH_MANAGER),
            ("sw-014", "hub", MASH_SOCIAL_WORKER),
            ("police-pr-01", "police", PRACTITIONER),
            ("police-ro-01", "police", "RECORDS_OFFICER"),
        ]
        self.register = Register(
            partnership=PARTNERSHIP,
            version=1,
            people=tuple(person(*one) for one in people),
        )
        self.trusted = self.trust(self.signed(self.directory()))
        self.tables = northamptonshire()

    # ------------------------------------------------------------ directory

    def principal(self, name: str) -> Principal:
        role, sector, acts_for = ROLES[name]
        signer, opener = self.signers[name], self.openers[name]
        return Principal(
            id=name,
            name=name,
            roles=(role,),
            sector=sector,
            acts_for=acts_for,
            state=PrincipalState.LIVE,
            signing_keys=(own_signing_key(signer, partnership=PARTNERSHIP, principal=name),),
            kem_keys=(
                own_kem_key(
                    signer,
                    opener.public_key,
                    partnership=PARTNERSHIP,
                    principal=name,
                    seal_from=self.now - timedelta(days=1),
                    seal_until=self.now + timedelta(days=6),
                    open_until=self.now + timedelta(days=27),
                ),
            ),
        )

    def directory(self, **changes: Any) -> Directory:
        agreement = {
            "id": "NSCP-DSA-2026",
            "version": 1,
            "requester": "hub",
            "valid_from": self.now - timedelta(days=1),
            "valid_until": self.now + timedelta(days=300),
            "purposes": tuple(Purpose),
            "data_classes": tuple(DataClass),
            "modes": tuple(Mode),
            "review": reviews(RED=self.review, AMBER=self.review, GREEN=self.review),
        }
        values: dict[str, Any] = {
            "partnership": PARTNERSHIP,
            "version": 1,
            "issued_at": self.now - timedelta(hours=1),
            "expires_at": self.now + timedelta(days=6, hours=23),
            "previous_digest": None,
            "register_digest": PublicFile.REGISTER.digest(encode(self.register)),
            "profile_digest": bytes(32),
            "protocol_digest": bytes(32),
            "law_digest": bytes(32),
            "suites": (SuiteWindow(name="MASH1", accepted_from=self.now - timedelta(days=1), accepted_until=None),),
            "principals": tuple(self.principal(name) for name in ROLES),
            "agreements": tuple(
                SharingAgreement(holder=name, **agreement)
                for name, (role, _, _) in ROLES.items()
                if role is PrincipalRole.HOLDER
            ),
        }
        return Directory(**{**values, **changes})

    def signed(self, directory: Directory, *, by: tuple[str, ...] = ("hub", "police")) -> bytes:
        body = encode(directory)
        signatures = tuple(
            RootSignature(
                organisation=name,
                key_id=self.roots[name].key_id,
                signature=self.roots[name].sign(DIRECTORY_LABEL + sha256(body)),
            )
            for name in by
        )
        return encode(SignedDirectory(directory=body, signatures=signatures))

    def trust(self, signed: bytes, *, seen: tuple[int, bytes | None] = (0, None)) -> TrustedDirectory:
        roots = {name: signer.public_key for name, signer in self.roots.items()}
        return trust(signed, partnership=PARTNERSHIP, roots=roots, seen=seen, crypto=self.crypto, now=self.now)

    # ------------------------------------------------------------ principals

    def keys(self, name: str) -> KeyRing:
        opener = self.openers[name]
        return KeyRing(
            principal=name,
            signer=self.signers[name],
            openers={sha256(opener.public_key): opener},
            rest=self.rests[name],
            pseudonym=lambda message: hmac.new(name.encode(), message, hashlib.sha256).digest(),
            search=lambda message: hmac.new(b"search", message, hashlib.sha256).digest(),
        )

    def database(self, name: str, *, schema: tuple[str, ...]) -> SqlDatabase:
        database = SqlDatabase.open(self.folder / f"{name}.sqlite", schema=schema)
        self.databases.append(database)
        return database

    def journal(self, name: str) -> Journal:
        if name not in self.journals:
            self.journals[name] = Journal(self.database(f"{name}-journal", schema=journal_store.SCHEMA))
        return self.journals[name]

    def sealer(self, name: str) -> Sealer:
        return Sealer(keys=self.keys(name), crypto=self.crypto, random=random_bytes, directory=lambda: self.trusted)

    def verifier(self, name: str) -> Verifier:
        return Verifier(
            keys=self.keys(name),
            crypto=self.crypto,
            directory=lambda: self.trusted,
            known_version=lambda version: {self.trusted.directory.version: self.trusted.digest}.get(version),
            replay=self.journal(name),
        )

    # ------------------------------------------------------------ messages

    def form(self, **changes: Any) -> RatedForm:
        return compose(json.dumps({**REQUEST, **changes}).encode(), ratings=own_words())

    def context(self, side: Side, **changes: Any) -> GateContext:
        values: dict[str, Any] = {
            "side": side,
            "requester": "hub",
            "holders": (HolderAsked(organisation="police", sector=Sector.POLICE),),
            "directory": self.trusted.directory,
            "directory_stale": False,
            "register": self.register,
            "agreement": None if side is Side.HUB else ("NSCP-DSA-2026", 1),
            "apd_ref": None if side is Side.HUB else "APD-2026-1",
            "applicable": frozenset(DataClass),
        }
        return GateContext(**{**values, **changes})

    def request(self, *, request_id: str | None = None, **changes: Any) -> InformationRequest:
        form = self.form(**changes)
        authority = gate(form, context=self.context(Side.HUB), tables=self.tables, now=self.now, judged_by=None)
        decision = authority.decision
        return InformationRequest(
            common=RequestCommon(
                **{name: getattr(form, name) for name in RequestSaid.model_fields}
                | {
                    "people": tuple(
                        PersonAsked(**{name: getattr(person, name) for name in PersonAsked.model_fields})
                        for person in form.people
                    )
                },
                request_id=request_id or request_id_at(self.now, random_bytes(10)),
                organisation="hub",
                band=form.band,
                received_at=self.now,
                due_at=self.now + timedelta(hours=1),
                public_task_statement="invented",
                decision=decision,
            ),
            addressed=RequestAddressed(
                organisation="police",
                sector=Sector.POLICE,
                agreement_id="NSCP-DSA-2026",
                agreement_version=1,
                narrative=form.narrative,
                decision=decision,
                identifiers=tuple(
                    IdentifierAsked(person=person.ref, scheme=IdentifierScheme(scheme), value=value)
                    for person in form.people
                    for scheme, value in person.identifiers.items()
                ),
            ),
        )

    def topic(self, family: Family, *owners: str) -> str:
        return topic_name(PARTNERSHIP, family, *owners)

    def letter(self, record: Wire, kind: Kind, topic: str, **changes: Any) -> UnsealedMessage:
        first = next(iter(type(record).model_fields))
        request_id = getattr(getattr(record, first), "request_id", None)
        subject = sha256(request_id.encode() if request_id else random_bytes(16))
        values: dict[str, Any] = {
            "kind": kind,
            "topic": topic,
            "record": record,
            "message_id": derived_id(kind, subject, "test", 0),
            "request_id": request_id,
            "answers": None,
            "event_id": derived_id(Kind.AUDIT_EVENT, subject, "test", 0),
            "stream": "test.0",
            "sequence": 1,
            "issued_at": self.now,
        }
        return UnsealedMessage(**{**values, **changes})

    def seal_request(self, request: InformationRequest | None = None, **changes: Any) -> Sealed:
        record = request or self.request()
        return self.sealer("hub").seal(
            self.letter(record, Kind.REQUEST, self.topic(Family.REQUESTS, "police"), **changes)
        )

    @staticmethod
    def placed(outgoing: Outgoing, *, offset: int = 0, topic: str | None = None) -> Message:
        return Message(
            place=LogOffset(topic=topic or outgoing.topic, partition=0, offset=offset),
            key=outgoing.key,
            value=outgoing.value,
        )

    def close(self) -> None:
        for database in self.databases:
            database.close()


@pytest.fixture
def make_partnership(tmp_path: Path) -> Iterator[Callable[..., Partnership]]:
    made: list[Partnership] = []

    def make(**settings: Any) -> Partnership:
        folder = tmp_path / f"partnership-{len(made)}"
        folder.mkdir(mode=0o700)
        made.append(Partnership(folder=folder, **settings))
        return made[-1]

    yield make
    for partnership in made:
        partnership.close()


@pytest.fixture
def partnership(make_partnership: Callable[..., Partnership]) -> Partnership:
    return make_partnership()
