"""Vectors of the directory: what pinned roots must have signed, and what no signature makes right."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from broker.adapters.crypto import FileOpener, FileSigner
from broker.exchange.directory import DIRECTORY_LABEL
from broker.exchange.envelope import LIFETIME, sha256
from broker.exchange.possession import own_signing_key
from schemas.codec import decode, encode
from schemas.directory import Directory, KemKey, Principal, RootSignature, SignedDirectory, SigningKey
from schemas.vocabulary import PrincipalRole, PrincipalState, Sector
from tests.vectors.vector_case import ACCEPT
from tests.vectors.vector_world import NOW, directory_of, principal, root_keys, root_signature, seed, signed

MILLISECOND = timedelta(milliseconds=1)
Signing = Callable[[bytes], tuple[RootSignature, ...]]


def documents() -> list[dict[str, Any]]:
    """Return every directory vector as it is stored."""
    honest = honest_directory()
    good, digest = signed(honest), sha256(DIRECTORY_LABEL, encode(honest)).hex()
    second = honest.model_copy(update={"version": 2, "previous_digest": bytes.fromhex(digest)})
    return [
        _vector("accept", ACCEPT, "two pinned roots signed these bytes", good),
        _vector(
            "accept-again", ACCEPT, "the version that was seen before, with the same digest", good, seen=(1, digest)
        ),
        _vector(
            "accept-next", ACCEPT, "the next version, which names the one before", signed(second), seen=(1, digest)
        ),
        _vector(
            "accept-again-clock-behind",
            ACCEPT,
            "the version that was seen before, by a clock that was set back since",
            good,
            seen=(1, digest),
            now=NOW - timedelta(days=30),
        ),
        _vector("accept-enrolled", ACCEPT, "the first version that this reader sees", good),
        _vector(
            "unlinked",
            "DIRECTORY_CHAIN",
            "the next version names another one before it than was seen",
            signed(second),
            seen=(1, "11" * 32),
        ),
        _vector(
            "version-skipped",
            "DIRECTORY_CHAIN",
            "two versions ahead: what stood between was not shown",
            signed(second.model_copy(update={"version": 3})),
            seen=(1, digest),
        ),
        _vector(
            "fast-forward",
            "DIRECTORY_CHAIN",
            "the highest version that there is: nothing could ever follow it",
            signed(second.model_copy(update={"version": 2**53})),
            seen=(1, digest),
        ),
        _vector("rollback", "DIRECTORY_ROLLBACK", "a lower version than was seen before", good, seen=(2, None)),
        _vector(
            "split-view",
            "DIRECTORY_SPLIT_VIEW",
            "another digest under a version seen before",
            good,
            seen=(1, "00" * 32),
        ),
        _vector("trailing-byte", "DIRECTORY_MALFORMED", "a byte behind the signed directory", good + b"\0"),
        *_signatures(encode(honest)),
        _one_root_under_two_names(encode(honest)),
        *_contents(honest),
        *_dates(honest),
        *_members(honest),
        *_unsound(honest),
        *_not_possessed(honest),
    ]


def honest_directory() -> Directory:
    """Return a directory of two organisations that holds in every way."""
    return directory_of((_member("police"), _member("health")))


def _vector(
    name: str,
    expect: str,
    why: str,
    value: bytes,
    *,
    seen: tuple[int, str | None] = (0, None),
    roots: dict[str, bytes] | None = None,
    now: datetime = NOW,
) -> dict[str, Any]:
    pinned = {root: key.hex() for root, key in (roots or root_keys()).items()}
    document: dict[str, Any] = {"name": name, "expect": expect, "why": why, "roots": pinned, "seen": list(seen)}
    document["now"] = now.isoformat(timespec="milliseconds")
    if expect == ACCEPT:
        body = decode(SignedDirectory, value).directory
        document["digest"] = sha256(DIRECTORY_LABEL, body).hex()
    return {**document, "value": b64encode(value).decode("ascii")}


def _member(name: str, **changes: Any) -> Principal:
    honest = principal(
        name,
        PrincipalRole.HOLDER,
        Sector.POLICE,
        name,
        PrincipalState.LIVE,
        signer=FileSigner(seed(f"{name}/signing")),
        kem_key=FileOpener(seed(f"{name}/kem")).public_key,
    )
    return honest.model_copy(update=changes)


def _one_root_under_two_names(body: bytes) -> dict[str, Any]:
    hub = root_signature("hub", body)
    value = encode(SignedDirectory(directory=body, signatures=(hub, hub.model_copy(update={"organisation": "police"}))))
    roots = dict.fromkeys(("hub", "police"), root_keys()["hub"])
    why = "one key that is pinned under two names is one root"
    return _vector("root-under-two-names", "DIRECTORY_UNSIGNED", why, value, roots=roots)


def _signatures(body: bytes) -> list[dict[str, Any]]:
    stranger = FileSigner(seed("stranger/root"))

    def unsigned(name: str, why: str, *signatures: RootSignature) -> dict[str, Any]:
        value = encode(SignedDirectory(directory=body, signatures=signatures))
        return _vector(name, "DIRECTORY_UNSIGNED", why, value)

    hub, police = root_signature("hub", body), root_signature("police", body)
    return [
        unsigned("one-root-twice", "one organisation's signature counts once", hub, hub),
        unsigned(
            "root-not-pinned",
            "an organisation whose root is not pinned",
            hub,
            root_signature("stranger", body, signer=stranger),
        ),
        unsigned(
            "root-substituted",
            "police's name over another key's signature",
            hub,
            root_signature("police", body, signer=stranger),
        ),
        unsigned("signature-of-other-bytes", "a true signature over other bytes", hub, root_signature("police", b"")),
        unsigned(
            "signature-without-label",
            "the root signed the bytes as something else than a directory",
            hub,
            police.model_copy(update={"signature": FileSigner(seed("police/root")).sign(sha256(body))}),
        ),
    ]


def _contents(honest: Directory) -> list[dict[str, Any]]:
    police, health = honest.principals

    def of(name: str, expect: str, why: str, **changes: Any) -> dict[str, Any]:
        return _vector(name, expect, why, signed(honest.model_copy(update=changes)))

    def keys(name: str, why: str, *members: Principal) -> dict[str, Any]:
        return of(name, "DIRECTORY_KEYS", why, principals=members)

    renamed = police.signing_keys[0].model_copy(update={"key_id": "0" * 32})
    return [
        of(
            "other-partnership",
            "WRONG_PARTNERSHIP",
            "signed by the same roots for another partnership",
            partnership="training",
        ),
        of(
            "suite-missing",
            "WRONG_PARTNERSHIP",
            "it does not list suite MASH1",
            suites=honest.suites[1:],
        ),
        keys("name-twice", "two principals of one name", police, _member("health", id="police")),
        keys(
            "signing-key-shared",
            "one signature would fit two principals",
            police,
            _member("health", signing_keys=police.signing_keys),
        ),
        keys(
            "kem-key-shared",
            "two principals could open one wrap",
            police,
            _member("health", kem_keys=police.kem_keys),
        ),
        keys("key-id-of-another", "a key id that is not its key's", _member("police", signing_keys=(renamed,)), health),
    ]


def _changed(name: str, expect: str, why: str, honest: Directory, **changes: Any) -> dict[str, Any]:
    return _vector(name, expect, why, signed(honest.model_copy(update=changes)))


def _dates(honest: Directory) -> list[dict[str, Any]]:
    def of(name: str, expect: str, why: str, issued: timedelta, life: timedelta) -> dict[str, Any]:
        issued_at = NOW + issued
        return _changed(name, expect, why, honest, issued_at=issued_at, expires_at=issued_at + life)

    ahead, week = timedelta(seconds=120), timedelta(days=7)
    return [
        of("accept-directory-120-s-ahead", ACCEPT, "issued exactly 120 seconds ahead, for exactly a week", ahead, week),
        of(
            "directory-from-the-future",
            "DIRECTORY_DATES",
            "issued a millisecond more than 120 seconds ahead",
            ahead + MILLISECOND,
            week,
        ),
        of(
            "life-too-long",
            "DIRECTORY_DATES",
            "a millisecond longer than a week: a key that is stolen could not be taken away",
            -ahead,
            week + MILLISECOND,
        ),
        of("life-of-nothing", "DIRECTORY_DATES", "it expires as it is issued", -ahead, timedelta(0)),
    ]


def _members(honest: Directory) -> list[dict[str, Any]]:
    hub = _member("hub", roles=(PrincipalRole.REQUESTER, PrincipalRole.HOLDER, PrincipalRole.RECIPIENT))

    def consumer(name: str, role: PrincipalRole, acts_for: str = "hub", **changes: Any) -> Principal:
        return _member(name, roles=(role,), acts_for=acts_for, **changes)

    def of(name: str, expect: str, why: str, *members: Principal) -> dict[str, Any]:
        return _changed(name, expect, why, honest, principals=(hub, *members))

    screening, audit = PrincipalRole.SCREENING, PrincipalRole.AUDIT
    wrong = "DIRECTORY_ROLES"
    return [
        of(
            "accept-several-roles",
            ACCEPT,
            "one principal requests, holds and takes cases on; its consumers have one role each",
            consumer("hub-screening", screening),
            consumer("hub-audit", audit),
        ),
        of("two-audits", wrong, "two audit services", consumer("one", audit), consumer("two", audit)),
        of(
            "two-screenings", wrong, "two screenings of one hub", consumer("one", screening), consumer("two", screening)
        ),
        of("acts-for-nobody", wrong, "a screening for no requester", consumer("one", screening, acts_for="police")),
        of("acts-for-another", wrong, "a holder in another's name", _member("police", acts_for="hub")),
        of(
            "screening-that-holds",
            wrong,
            "a screening that is a holder too: what it opens, no other role should",
            _member("one", roles=(screening, PrincipalRole.HOLDER), acts_for="hub"),
        ),
        of(
            "role-twice",
            wrong,
            "one role named twice",
            _member("one", roles=(PrincipalRole.HOLDER, PrincipalRole.HOLDER)),
        ),
        of(
            "reserved-id",
            "DIRECTORY_RESERVED",
            "an organisation called as the event log's super user",
            _member("admin"),
        ),
    ]


def _unsound(honest: Directory) -> list[dict[str, Any]]:
    police, health = honest.principals
    key = police.kem_keys[0]

    def signing(public_key: bytes) -> tuple[SigningKey, ...]:
        return (SigningKey(key_id=sha256(public_key).hex()[:32], public_key=public_key, possession=bytes(64)),)

    def of(name: str, why: str, **changes: Any) -> dict[str, Any]:
        members = (police.model_copy(update=changes), health)
        return _changed(name, "DIRECTORY_KEYS", why, honest, principals=members)

    def kem(**changes: Any) -> tuple[KemKey, ...]:
        return (key.model_copy(update=changes),)

    return [
        of(
            "signing-key-small", "a key of small order: one signature fits any message", signing_keys=signing(bytes(32))
        ),
        of("signing-key-of-a-root", "a root signs directories alone", signing_keys=signing(root_keys()["hub"])),
        of("kem-key-zero", "a transport key that is all zeros", kem_keys=kem(public_key=bytes(1216))),
        of("kem-key-malformed", "a transport key beyond ML-KEM's modulus", kem_keys=kem(public_key=b"\xff" * 1216)),
        of(
            "signing-key-never",
            "a signing key that signs until before it begins",
            signing_keys=(police.signing_keys[0].model_copy(update={"valid_from": NOW, "valid_until": NOW}),),
        ),
        of("kem-key-never", "sealed to until before it begins", kem_keys=kem(seal_until=key.seal_from)),
        of(
            "kem-key-dies-early",
            "destroyed before the last message to it expires",
            kem_keys=kem(open_until=key.seal_until + LIFETIME - MILLISECOND),
        ),
    ]


def _not_possessed(honest: Directory) -> list[dict[str, Any]]:
    police, health = honest.principals
    key = police.kem_keys[0]

    def of(name: str, why: str, *members: Principal) -> dict[str, Any]:
        return _changed(name, "DIRECTORY_POSSESSION", why, honest, principals=members)

    elsewhere = own_signing_key(FileSigner(seed("police/signing")), partnership="training", principal="police")
    return [
        of(
            "signing-key-stolen",
            "police's public key, with police's own proof, enrolled as health's: its words would pass for health's",
            _member("health", signing_keys=health.signing_keys + police.signing_keys),
        ),
        of(
            "signing-key-of-another-partnership",
            "the key's proof names another partnership",
            _member("police", signing_keys=(elsewhere,)),
            health,
        ),
        of(
            "kem-key-exchanged",
            "a transport key that the member did not sign: the roots' keepers could read what is sealed to it",
            _member("police", kem_keys=(key.model_copy(update={"public_key": FileOpener(seed("x")).public_key}),)),
            health,
        ),
        of(
            "kem-key-signed-by-another",
            "health signed police's transport key",
            _member("police", kem_keys=(key.model_copy(update={"signature": health.kem_keys[0].signature}),)),
            health,
        ),
        of(
            "kem-key-lives-longer",
            "its private half would be destroyed later than the member signed",
            _member("police", kem_keys=(key.model_copy(update={"open_until": key.open_until + MILLISECOND}),)),
            health,
        ),
    ]
