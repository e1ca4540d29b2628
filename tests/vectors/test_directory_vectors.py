"""Every directory vector comes to what it expects, from the stored files alone."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import Mash1Crypto
from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory, trust
from tests.contract_text import reasons

HERE = Path(__file__).parent
CASES = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "directories").glob("*.json"))]
PARTNERSHIP = json.loads((HERE / "partnership.json").read_text("utf-8"))


def read(case: dict[str, Any]) -> TrustedDirectory:
    version, digest = case["seen"]
    return trust(
        b64decode(case["value"]),
        partnership=PARTNERSHIP["partnership"],
        roots={name: bytes.fromhex(key) for name, key in case["roots"].items()},
        seen=(version, bytes.fromhex(digest) if digest is not None else None),
        crypto=Mash1Crypto(),
        now=datetime.fromisoformat(case["now"]),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector_comes_to_what_it_expects(case: dict[str, Any]) -> None:
    if case["expect"] == "ACCEPT":
        assert read(case).digest.hex() == case["digest"]
        return
    with pytest.raises(RejectedError) as refused:
        read(case)
    assert refused.value.reason == case["expect"]


def test_every_reason_has_a_vector() -> None:
    of_a_folder = {"DIRECTORY_MISNAMED"}
    assert {case["expect"] for case in CASES} == {"ACCEPT", *reasons("DIR")} - of_a_folder
