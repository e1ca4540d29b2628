"""The partnership of the vectors: keys from published seeds, random bytes from a counter, time standing still.

Only HPKE's encapsulation cannot be repeated. So each wrap is stored once (`wraps.json`) under what it was made from,
and found there again: with the stored wraps every envelope comes out byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from broker.adapters.crypto import FileOpener, FileRestKey, FileSigner, Mash1Crypto
from broker.exchange.directory import DIRECTORY_LABEL, TrustedDirectory, trust
from broker.exchange.keys import KeyRing
from broker.exchange.possession import own_kem_key, own_signing_key
from broker.exchange.seal import Sealer
from broker.ports import Crypto
from schemas.codec import encode
from schemas.directory import (
    Directory,
    HeldCapability,
    Person,
    Principal,
    Register,
    RootSignature,
    SignedDirectory,
    SigningKey,
    SuiteWindow,
)
from schemas.vocabulary import Capability, PrincipalRole, PrincipalState, Sector

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SEAL_FROM, SEAL_UNTIL, OPEN_UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=6), NOW + timedelta(days=27)
SUITE_ENDS = NOW + timedelta(days=60)
PARTNERSHIP = "northants"
ROOTS = ("hub", "police")
PRINCIPALS: dict[str, tuple[PrincipalRole, Sector, str, PrincipalState]] = {
    "hub": (PrincipalRole.REQUESTER, Sector.CHILDRENS_SOCIAL_CARE, "hub", PrincipalState.LIVE),
    "hub-screening": (PrincipalRole.SCREENING, Sector.CHILDRENS_SOCIAL_CARE, "hub", PrincipalState.LIVE),
    "hub-audit": (PrincipalRole.AUDIT, Sector.CHILDRENS_SOCIAL_CARE, "hub", PrincipalState.LIVE),
    "police": (PrincipalRole.HOLDER, Sector.POLICE, "police", PrincipalState.LIVE),
    "health": (PrincipalRole.HOLDER, Sector.HEALTH, "health", PrincipalState.MANUAL),
    "county": (PrincipalRole.REQUESTER, Sector.CHILDRENS_SOCIAL_CARE, "county", PrincipalState.SUSPENDED),
}

HUB_KEYS = {
    "hub-retired": {"valid_until": NOW},
    "hub-next": {"valid_from": NOW + timedelta(seconds=120, milliseconds=1)},
    "hub-begins": {"valid_from": NOW + timedelta(seconds=120)},
    "hub-ends": {"valid_until": NOW + timedelta(milliseconds=1)},
}
"""Further signing keys of the hub, and the time in which each signs."""


def seed(name: str) -> bytes:
    """Return the private 32 bytes behind a name: no secret, and never a key of anybody."""
    return sha256(f"mash1/vectors/{name}".encode()).digest()


def counter(label: str) -> Callable[[int], bytes]:
    """Return a source of bytes that gives the same ones in the same order each time."""
    drawn = 0

    def random(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        blocks = (sha256(f"{label}/{drawn}/{block}".encode()).digest() for block in range(count // 32 + 1))
        return b"".join(blocks)[:count]

    return random


class WrapMissingError(Exception):
    """An envelope is no longer the one whose wraps are stored."""


@dataclass
class StoredWraps(Crypto):
    """Suite MASH1 with wraps that were made before; a missing one is made only where that is allowed."""

    stored: dict[str, str]
    may_make: bool
    used: dict[str, str] = field(default_factory=dict)
    real: Mash1Crypto = field(default_factory=Mash1Crypto)

    def wrap(self, public_key: bytes, secret: bytes, info: bytes) -> bytes:
        name = sha256(sha256(public_key).digest() + sha256(info).digest() + secret).hexdigest()
        if name not in self.stored and not self.may_make:
            raise WrapMissingError("the envelopes are not those of the stored wraps: run `make vectors`")
        if name not in self.stored:
            self.stored[name] = self.real.wrap(public_key, secret, info).hex()
        self.used[name] = self.stored[name]
        return bytes.fromhex(self.stored[name])

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        return self.real.verify(public_key, signature, message)

    def is_sound_signing_key(self, public_key: bytes) -> bool:
        return self.real.is_sound_signing_key(public_key)

    def is_sound_kem_key(self, public_key: bytes) -> bool:
        return self.real.is_sound_kem_key(public_key)

    def encrypt(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        return self.real.encrypt(key, plaintext, aad)

    def decrypt(self, key: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        return self.real.decrypt(key, ciphertext, aad)


@dataclass
class World:
    """Everybody's keys and the one directory."""

    crypto: StoredWraps
    signers: dict[str, FileSigner] = field(init=False)
    openers: dict[str, FileOpener] = field(init=False)
    trusted: TrustedDirectory = field(init=False)

    def __post_init__(self) -> None:
        self.signers = {name: FileSigner(seed(f"{name}/signing")) for name in (*PRINCIPALS, *HUB_KEYS)}
        self.openers = {name: FileOpener(seed(f"{name}/kem")) for name in PRINCIPALS}
        self.signed = signed(self.directory())
        self.trusted = trust(
            self.signed, partnership=PARTNERSHIP, roots=root_keys(), seen=(0, None), crypto=self.crypto, now=NOW
        )

    def directory(self) -> Directory:
        return directory_of(tuple(self._principal(name) for name in PRINCIPALS))

    def sealer(self, name: str, label: str) -> Sealer:
        """Return a principal's hand; `label` names the case, so that no two cases share a random byte."""
        keys = KeyRing(
            principal=name,
            signer=self.signers[name],
            openers={},
            rest=FileRestKey(seed(f"{name}/rest")),
            pseudonym=lambda message: sha256(message).digest(),
            search=lambda message: sha256(message).digest(),
        )
        return Sealer(keys=keys, crypto=self.crypto, random=counter(label), directory=lambda: self.trusted)

    def _principal(self, name: str) -> Principal:
        role, sector, acts_for, state = PRINCIPALS[name]
        made = principal(
            name, role, sector, acts_for, state, signer=self.signers[name], kem_key=self.openers[name].public_key
        )
        return made.model_copy(update={"signing_keys": made.signing_keys + self._hub_keys()}) if name == "hub" else made

    def _hub_keys(self) -> tuple[SigningKey, ...]:
        return tuple(
            own_signing_key(self.signers[key], partnership=PARTNERSHIP, principal="hub").model_copy(update=window)
            for key, window in HUB_KEYS.items()
        )


def principal(
    name: str,
    role: PrincipalRole,
    sector: Sector,
    acts_for: str,
    state: PrincipalState,
    *,
    signer: FileSigner,
    kem_key: bytes,
) -> Principal:
    """Return a principal with one key of each sort."""
    return Principal(
        id=name,
        name=name,
        roles=(role,),
        sector=sector,
        acts_for=acts_for,
        state=state,
        signing_keys=(own_signing_key(signer, partnership=PARTNERSHIP, principal=name),),
        kem_keys=(
            own_kem_key(
                signer,
                kem_key,
                partnership=PARTNERSHIP,
                principal=name,
                seal_from=SEAL_FROM,
                seal_until=SEAL_UNTIL,
                open_until=OPEN_UNTIL,
            ),
        ),
    )


def directory_of(principals: tuple[Principal, ...]) -> Directory:
    """Return version 1 of a directory of these principals."""
    return Directory(
        partnership=PARTNERSHIP,
        version=1,
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=6, hours=23),
        previous_digest=None,
        register_digest=bytes(32),
        profile_digest=bytes(32),
        protocol_digest=bytes(32),
        law_digest=bytes(32),
        suites=(
            SuiteWindow(name="MASH1", accepted_from=NOW - timedelta(days=1), accepted_until=SUITE_ENDS),
            SuiteWindow(name="MASH2", accepted_from=NOW - timedelta(days=1), accepted_until=None),
        ),
        principals=principals,
        agreements=(),
    )


def register() -> Register:
    """Return who may act here: one practitioner of the police."""
    signs = HeldCapability(capability=Capability.SIGN)
    person = Person(actor="police-pr-01", organisation="police", title="PRACTITIONER", capabilities=(signs,))
    return Register(partnership=PARTNERSHIP, version=1, people=(person,))


def root(name: str) -> FileSigner:
    """Return an organisation's root key."""
    return FileSigner(seed(f"{name}/root"))


def root_keys() -> dict[str, bytes]:
    """Return the pinned public roots."""
    return {name: root(name).public_key for name in ROOTS}


def root_signature(organisation: str, body: bytes, *, signer: FileSigner | None = None) -> RootSignature:
    """Return a root's signature over a directory's exact bytes."""
    signer = signer or root(organisation)
    message = DIRECTORY_LABEL + sha256(body).digest()
    return RootSignature(organisation=organisation, key_id=signer.key_id, signature=signer.sign(message))


def signed(directory: Directory) -> bytes:
    """Return the directory as it is published."""
    body = encode(directory)
    return encode(SignedDirectory(directory=body, signatures=tuple(root_signature(name, body) for name in ROOTS)))
