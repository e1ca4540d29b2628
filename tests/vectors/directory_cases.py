"""Vectors of the directory: what pinned roots must have signed, and what no signature makes right."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from broker.adapters.crypto import FileOpener, FileSigner
from broker.exchange.directory import DIRECTORY_LABEL
from broker.exchange.envelope import sha256
from schemas.codec import decode, encode
from schemas.directory import Directory, Principal, RootSignature, SignedDirectory
from schemas.vocabulary import PrincipalRole, PrincipalState, Sector
from tests.vectors.vector_case import ACCEPT
from tests.vectors.vector_world import directory_of, principal, root_keys, root_signature, seed, signed

Signing = Callable[[bytes], tuple[RootSignature, ...]]


def documents() -> list[dict[str, Any]]:
    """Return every directory vector as it is stored."""
    honest = directory_of((_member("police"), _member("health")))
    good, digest = signed(honest), sha256(DIRECTORY_LABEL, encode(honest)).hex()
    return [
        _vector("accept", ACCEPT, "two pinned roots signed these bytes", good),
        _vector(
            "accept-again", ACCEPT, "the version that was seen before, with the same digest", good, seen=(1, digest)
        ),
        _vector("accept-newer", ACCEPT, "a higher version than was seen before", good, seen=(0, "00" * 32)),
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
    ]


def _vector(
    name: str,
    expect: str,
    why: str,
    value: bytes,
    *,
    seen: tuple[int, str | None] = (0, None),
    roots: dict[str, bytes] | None = None,
) -> dict[str, Any]:
    pinned = {root: key.hex() for root, key in (roots or root_keys()).items()}
    document: dict[str, Any] = {"name": name, "expect": expect, "why": why, "roots": pinned, "seen": list(seen)}
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
