"""Every vector of roots comes to what it expects, from the stored files alone."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import Mash1Crypto
from broker.errors import RejectedError
from broker.exchange.roots import TrustedRoots, next_roots

HERE = Path(__file__).parent
CASES = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "roots").glob("*.json"))]
PARTNERSHIP = json.loads((HERE / "partnership.json").read_text("utf-8"))
REASONS = {"ROOTS_MALFORMED", "ROOTS_KEYS", "ROOTS_UNSIGNED", "WRONG_PARTNERSHIP", "ROOTS_CHAIN"}


def read(case: dict[str, Any]) -> TrustedRoots:
    before, (version, digest) = case["before"], case["before"]["last"]
    trusted = TrustedRoots(
        number=before["number"],
        digest=bytes(32),
        keys={name: bytes.fromhex(key) for name, key in before["roots"].items()},
        last=(version, bytes.fromhex(digest) if digest is not None else None),
    )
    value = b64decode(case["value"])
    return next_roots(value, before=trusted, partnership=PARTNERSHIP["partnership"], crypto=Mash1Crypto())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector_comes_to_what_it_expects(case: dict[str, Any]) -> None:
    if case["expect"] == "ACCEPT":
        assert read(case).digest.hex() == case["digest"]
        return
    with pytest.raises(RejectedError) as refused:
        read(case)
    assert refused.value.reason == case["expect"]


def test_every_reason_has_a_vector() -> None:
    assert {case["expect"] for case in CASES} == {"ACCEPT", *REASONS}
