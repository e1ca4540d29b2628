"""The directory: who takes part, with which keys. Trusted only when two organisations' roots signed these bytes.

(1) strict encoding; (2) valid signatures of two different pinned roots, so that no organisation, the hub least of all,
can change it alone; (3) our partnership; (4) never a lower version, never another digest under a version already
seen, and only the next one, which names the one before (rollback, split view, fast-forward); (5) the form that no
signature makes right: `directory_form`; (6) each member signed for its own keys: `possession`.
A directory past its expiry still verifies what was signed, but the gate hands everything to a person (stale), and a day
later what is verified is marked (long expired).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import final

from broker.errors import InvariantError, RejectedError
from broker.exchange.directory_form import MOST_AHEAD, check_dates, check_keys, check_members
from broker.exchange.envelope import LIFETIME, sha256
from broker.exchange.possession import check_possession
from broker.exchange.roots import ROOTS_NEEDED, signers
from broker.ports import Crypto
from schemas.codec import MalformedError, decode
from schemas.directory import Directory, KemKey, Principal, SharingAgreement, SignedDirectory
from schemas.exchange import SUITE
from schemas.topics import RULES, Family, Reader, topic_owners
from schemas.vocabulary import Kind, PrincipalRole, PrincipalState

DIRECTORY_LABEL = b"mash1/directory"
EXPIRY_GRACE = timedelta(days=1)
"""How long a directory may be past its expiry before what is verified under it is marked: a renewal that is late."""

TAKING_PART = frozenset({PrincipalState.LIVE, PrincipalState.MANUAL})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedDirectory:
    """Proof that two pinned roots of different organisations signed this version."""

    directory: Directory
    digest: bytes
    principals: Mapping[str, Principal] = field(repr=False)
    kem_owners: Mapping[bytes, str] = field(repr=False)

    def stale(self, now: datetime) -> bool:
        """Say whether this version has expired."""
        return now >= self.directory.expires_at

    def long_expired(self, now: datetime) -> bool:
        """Say whether it expired more than a day ago: a key that was taken away since could still count here."""
        return now >= self.directory.expires_at + EXPIRY_GRACE

    def accepts(self, suite: str, now: datetime) -> bool:
        """Say whether this version still accepts a cipher suite; one past its date is a downgrade."""
        return any(
            one.name == suite and (one.accepted_until is None or now < one.accepted_until)
            for one in self.directory.suites
        )

    def principal(self, name: str) -> Principal:
        """Return a principal that takes part. Raises: RejectedError `UNKNOWN_SENDER`, `NOT_TAKING_PART`."""
        principal = self.principals.get(name)
        if principal is None:
            raise RejectedError("UNKNOWN_SENDER")
        if principal.state not in TAKING_PART:
            raise RejectedError("NOT_TAKING_PART", principal.state.value.lower())
        return principal

    def only(self, role: PrincipalRole, *, acts_for: str | None = None) -> Principal:
        """Return the one principal of a role. Raises: InvariantError where there is none or several."""
        found = [
            principal
            for principal in self.principals.values()
            if role in principal.roles and acts_for in (None, principal.acts_for)
        ]
        if len(found) != 1:
            raise InvariantError(f"the directory has {len(found)} principals of role {role.value}, not one")
        return found[0]

    def holders(self) -> tuple[Principal, ...]:
        """Return every organisation that can be asked."""
        return tuple(p for p in self.principals.values() if PrincipalRole.HOLDER in p.roles)

    def agreements(self, *, holder: str, requester: str) -> tuple[SharingAgreement, ...]:
        """Return the data sharing agreements between two organisations, in force or not."""
        return tuple(one for one in self.directory.agreements if (one.holder, one.requester) == (holder, requester))

    def kem_key(self, name: str, now: datetime) -> KemKey:
        """Return the key to seal to now: this week's epoch, or the last one that its owner can still open.

        The second is for a stale directory, when an answer may only say that a person will look: better late than mute,
        as long as the key outlives the message. Raises: InvariantError where every epoch is over.
        """
        keys = [key for key in self.principal(name).kem_keys if key.seal_from <= now <= key.open_until - LIFETIME]
        if not keys:
            raise InvariantError("every key epoch of a recipient is over: renew the directory")
        return max(keys, key=lambda key: (now < key.seal_until, key.seal_from))

    def signs(self, name: str, key_id: str, issued_at: datetime) -> bool:
        """Say whether a principal's signing key was in its time when a message was issued (KEY-6)."""
        return any(
            (key.valid_from is None or key.valid_from - MOST_AHEAD <= issued_at)
            and (key.valid_until is None or issued_at < key.valid_until)
            for key in self.principals[name].signing_keys
            if key.key_id == key_id
        )

    def sealable(self, kem_key_hash: bytes, issued_at: datetime) -> bool:
        """Say whether a message of this moment may be sealed to a key of this version (KEY-3)."""
        keys = self.principals[self.kem_owners[kem_key_hash]].kem_keys
        return any(
            key.seal_from - MOST_AHEAD <= issued_at <= key.open_until - LIFETIME
            for key in keys
            if sha256(key.public_key) == kem_key_hash
        )

    def readers(self, kind: Kind, *, sender: str, topic: str) -> tuple[str, ...]:
        """Return, in order, the principals that this message must be sealed to: the topic table decides.

        Raises: RejectedError `WRONG_TOPIC` where the kind does not travel on that topic or not from that sender.
        """
        rule = RULES[kind]
        owners = topic_owners(self.directory.partnership, rule.family, topic)
        if owners is None or (rule.family is not Family.AUDIT) != bool(owners):
            raise RejectedError("WRONG_TOPIC")
        if rule.sender_owns is not None and owners[rule.sender_owns : rule.sender_owns + 1] != (sender,):
            raise RejectedError("WRONG_TOPIC", "the topic belongs to another sender")
        if rule.family is Family.SUMMARIES and self.principal(sender).acts_for != owners[0]:
            raise RejectedError("WRONG_TOPIC", "the topic belongs to another requester's screening")
        return tuple(self._reader(reader, sender, owners) for reader in rule.readers)

    def _reader(self, reader: Reader, sender: str, owners: tuple[str, ...]) -> str:
        match reader:
            case Reader.OWNER:
                return owners[0]
            case Reader.SENDER:
                return sender
            case Reader.SCREENING:
                return self.only(PrincipalRole.SCREENING, acts_for=owners[0]).id
            case Reader.AUDIT:
                return self.only(PrincipalRole.AUDIT).id


def trust(
    signed: bytes,
    *,
    partnership: str,
    roots: Mapping[str, bytes],
    seen: tuple[int, bytes | None],
    crypto: Crypto,
    now: datetime | None,
) -> TrustedDirectory:
    """Check a published directory against the pinned roots and what was seen before (version, digest).

    `now` is None for a version of the past, which is no longer taken up.

    Raises: RejectedError `DIRECTORY_MALFORMED`, `DIRECTORY_UNSIGNED`, `WRONG_PARTNERSHIP`, `DIRECTORY_ROLLBACK`,
    `DIRECTORY_SPLIT_VIEW`, `DIRECTORY_CHAIN`, `DIRECTORY_DATES`, `DIRECTORY_RESERVED`, `DIRECTORY_ROLES`,
    `DIRECTORY_KEYS`, `DIRECTORY_POSSESSION`.
    """
    try:
        outer = decode(SignedDirectory, signed)  # (1)
        directory = decode(Directory, outer.directory)
    except MalformedError as error:
        raise RejectedError("DIRECTORY_MALFORMED", str(error)) from None
    signed_by = signers(roots, outer.signatures, DIRECTORY_LABEL + sha256(outer.directory), crypto)
    if len(signed_by) < ROOTS_NEEDED:  # (2)
        raise RejectedError("DIRECTORY_UNSIGNED", f"{len(signed_by)} of {ROOTS_NEEDED} pinned roots signed it")
    if directory.partnership != partnership or SUITE not in {suite.name for suite in directory.suites}:  # (3)
        raise RejectedError("WRONG_PARTNERSHIP")
    digest = sha256(DIRECTORY_LABEL, outer.directory)
    _check_follows(directory, digest, seen)  # (4)
    # What was taken up once is not measured again: a clock that is set back must not keep a process from starting.
    check_dates(directory, now=None if (directory.version, digest) == seen else now)  # (5)
    check_members(directory)
    owners = check_keys(directory, roots=roots.values(), crypto=crypto)
    check_possession(directory, crypto)  # (6)
    return TrustedDirectory(
        directory=directory,
        digest=digest,
        principals={principal.id: principal for principal in directory.principals},
        kem_owners=owners,
    )


def _check_follows(directory: Directory, digest: bytes, seen: tuple[int, bytes | None]) -> None:
    version, (last, known) = directory.version, seen
    if version < last:
        raise RejectedError("DIRECTORY_ROLLBACK", f"version {version} after {last}")
    if known is None or (version, digest) == seen:
        return
    if version == last:
        raise RejectedError("DIRECTORY_SPLIT_VIEW", f"version {version} has two contents")
    if version > last + 1 or directory.previous_digest != known:
        # A version far ahead would leave no room for any that follows; one that skips hides what stood between.
        raise RejectedError("DIRECTORY_CHAIN", f"version {version} does not follow from {last}")
