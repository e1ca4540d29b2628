"""Vectors of roots: what the set before and the new set must both have signed."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from broker.adapters.crypto import FileSigner
from broker.exchange.roots import ROOTS_LABEL
from schemas.codec import encode
from schemas.directory import RootSignature
from schemas.roots import RootKey, Roots, SignedRoots
from tests.vectors.vector_case import ACCEPT
from tests.vectors.vector_world import PARTNERSHIP, ROOTS, root_keys, seed, sha256

LAST = (7, "11" * 32)
Signers = tuple[tuple[str, str], ...]


def documents() -> list[dict[str, Any]]:
    """Return every vector of roots as it is stored."""
    honest, before, after = _roots(), _set("root"), _set("root-1")
    second = _roots(number=2, roots=_keys("root-2"))
    health = RootKey(organisation="health", public_key=bytes(32))
    unsigned = "ROOTS_UNSIGNED"
    return [
        _vector("accept-roots", ACCEPT, "two roots of the set before and two of the new one signed it", honest),
        _vector(
            "accept-roots-chain",
            ACCEPT,
            "the second set after the pinned one, signed by the first",
            second,
            signers=_set("root-1") + _set("root-2"),
            before=_before(1, LAST, "root-1"),
        ),
        _vector("roots-by-the-old-alone", unsigned, "nobody showed that they hold the new roots", honest, before),
        _vector("roots-by-the-new-alone", unsigned, "whoever makes keys could replace the roots", honest, after),
        _vector("roots-by-one-of-the-old", unsigned, "one organisation alone", honest, before[:1] * 2 + after),
        _vector("roots-by-one-of-the-new", unsigned, "one of two new roots", honest, before + after[:1]),
        _vector(
            "roots-signed-as-directory",
            unsigned,
            "the roots signed these bytes as something else",
            honest,
            label=b"mash1/directory",
        ),
        _vector("roots-trailing-byte", "ROOTS_MALFORMED", "a byte behind the signed roots", honest, behind=b"\0"),
        _vector(
            "roots-twice-one-key",
            "ROOTS_KEYS",
            "one key under two organisations",
            _roots(roots=tuple(one.model_copy(update={"public_key": root_keys()["hub"]}) for one in _keys("root-1"))),
        ),
        _vector(
            "roots-twice-one-organisation",
            "ROOTS_KEYS",
            "two roots of one organisation",
            _roots(roots=tuple(one.model_copy(update={"organisation": "hub"}) for one in _keys("root-1"))),
        ),
        _vector(
            "roots-unsound",
            "ROOTS_KEYS",
            "a root of small order: one signature fits anything",
            _roots(roots=(*_keys("root-1"), health)),
        ),
        _vector(
            "roots-of-another-partnership",
            "WRONG_PARTNERSHIP",
            "the same roots replaced another partnership's",
            _roots(partnership="training"),
        ),
        _vector("roots-skipped", "ROOTS_CHAIN", "a set is missing in between", _roots(number=2)),
        _vector(
            "roots-wind-back",
            "ROOTS_CHAIN",
            "it undoes what the roots before the last ones signed, and the last ones let stand",
            second.model_copy(update={"last_version": LAST[0] - 1}),
            signers=_set("root-1") + _set("root-2"),
            before=_before(1, LAST, "root-1"),
        ),
    ]


def _roots(**changes: Any) -> Roots:
    values = {"partnership": PARTNERSHIP, "number": 1, "roots": _keys("root-1"), "last_version": LAST[0]}
    return Roots(**{**values, "last_digest": bytes.fromhex(LAST[1]), **changes})


def _set(which: str) -> Signers:
    return tuple((name, which) for name in ROOTS)


def _keys(which: str) -> tuple[RootKey, ...]:
    return tuple(RootKey(organisation=name, public_key=_signer(name, which).public_key) for name in ROOTS)


def _signer(name: str, which: str) -> FileSigner:
    return FileSigner(seed(f"{name}/{which}"))


def _before(number: int, last: tuple[int, str | None], which: str) -> dict[str, Any]:
    keys = {one.organisation: one.public_key.hex() for one in _keys(which)}
    return {"number": number, "roots": keys, "last": list(last)}


def _vector(
    name: str,
    expect: str,
    why: str,
    roots: Roots,
    signers: Signers = (),
    *,
    before: dict[str, Any] | None = None,
    label: bytes = ROOTS_LABEL,
    behind: bytes = b"",
) -> dict[str, Any]:
    body = encode(roots)
    message = label + sha256(body).digest()
    signatures = []
    for organisation, which in signers or _set("root") + _set("root-1"):
        signer = _signer(organisation, which)
        one = RootSignature(organisation=organisation, key_id=signer.key_id, signature=signer.sign(message))
        signatures.append(one)
    value = encode(SignedRoots(roots=body, signatures=tuple(signatures))) + behind
    document = {"name": name, "expect": expect, "why": why, "before": before or _before(0, (0, None), "root")}
    if expect == ACCEPT:
        document["digest"] = sha256(ROOTS_LABEL + body).hexdigest()
    return {**document, "value": b64encode(value).decode("ascii")}
