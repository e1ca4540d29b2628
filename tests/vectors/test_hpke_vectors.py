"""Published vectors against our key expansion, our Opener and the library behind it.

The exact suite of MASH1 (X-Wing, HKDF-SHA256, AES-256-GCM) has no published vector. So its parts are proved
apart: the KEM with KDF by the post-quantum vectors of draft-ietf-hpke-pq, KDF with AEAD by those of RFC 9180,
and the whole by an independent computation below that shares nothing with the library but its primitives.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TypedDict

import pytest
from cryptography.hazmat.bindings._rust import openssl as rust_openssl
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography_vectors import open_vector_file

from broker.adapters.crypto import FileOpener, FileSigner, Mash1Crypto, keys, selftest

BASE_MODE = 0
X25519 = 0x0020
X_WING = 0x647A
KDFS = {0x0001: KDF.HKDF_SHA256, 0x0011: KDF.SHAKE256}
AEADS = {0x0001: AEAD.AES_128_GCM, 0x0002: AEAD.AES_256_GCM, 0x0003: AEAD.CHACHA20_POLY1305}


class Encryption(TypedDict):
    aad: str
    ct: str
    pt: str


class Vector(TypedDict):
    mode: int
    kem_id: int
    kdf_id: int
    aead_id: int
    info: str
    skRm: str
    pkRm: str
    enc: str
    encryptions: list[Encryption]


def _vectors(file: str, kem_id: int) -> list[Vector]:
    with open_vector_file(f"HPKE/{file}", "r") as lines:
        every: list[Vector] = json.load(lines)
    return [
        vector
        for vector in every
        if vector["mode"] == BASE_MODE
        and vector["kem_id"] == kem_id
        and vector["kdf_id"] in KDFS
        and vector["aead_id"] in AEADS
    ]


def _name(vector: Vector) -> str:
    return f"kem{vector['kem_id']:04x}-kdf{vector['kdf_id']}-aead{vector['aead_id']}"


X_WING_VECTORS = _vectors("hpke-pq-test-vectors.json", X_WING)
X25519_VECTORS = _vectors("test-vectors.json", X25519) + _vectors("hpke-pq-test-vectors.json", X25519)


class SuiteOfVector:
    """Stands in for the suite inside the Opener: the vector's KDF, AEAD and aad, nothing else."""

    def __init__(self, vector: Vector, kem: KEM) -> None:
        self._suite = Suite(kem, KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])
        self._aad = bytes.fromhex(vector["encryptions"][0]["aad"])

    def decrypt(self, ciphertext: bytes, private_key: X25519PrivateKey, info: bytes) -> bytes:
        return rust_openssl.hpke._decrypt_with_aad(self._suite, ciphertext, private_key, info, self._aad)


def test_there_are_vectors() -> None:
    """Otherwise the parametrised tests below pass by being empty."""
    assert {vector["kdf_id"] for vector in X_WING_VECTORS} == {0x0001, 0x0011}
    assert (0x0001, 0x0002) in {(vector["kdf_id"], vector["aead_id"]) for vector in X25519_VECTORS}


@pytest.mark.parametrize("vector", X_WING_VECTORS, ids=_name)
def test_our_expansion_of_the_seed_gives_the_published_public_key(vector: Vector) -> None:
    assert FileOpener(bytes.fromhex(vector["skRm"])).public_key.hex() == vector["pkRm"]


@pytest.mark.parametrize("vector", X_WING_VECTORS, ids=_name)
def test_our_opener_opens_the_published_wrap(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "hpke_suite", lambda: SuiteOfVector(vector, KEM.MLKEM768_X25519))
    opener = FileOpener(bytes.fromhex(vector["skRm"]))
    first = vector["encryptions"][0]
    opened = opener.open(bytes.fromhex(vector["enc"] + first["ct"]), bytes.fromhex(vector["info"]))
    assert opened.hex() == first["pt"]


@pytest.mark.parametrize("vector", X25519_VECTORS, ids=_name)
def test_library_opens_the_vectors_of_rfc_9180(vector: Vector) -> None:
    private_key = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["skRm"]))
    first = vector["encryptions"][0]
    opened = SuiteOfVector(vector, KEM.X25519).decrypt(
        bytes.fromhex(vector["enc"] + first["ct"]), private_key, bytes.fromhex(vector["info"])
    )
    assert private_key.public_key().public_bytes_raw().hex() == vector["pkRm"]
    assert opened.hex() == first["pt"]


def test_independent_computation_opens_what_we_wrap() -> None:
    """Our `info` is RFC 9180's and the aad is empty: another implementation reads our envelopes."""
    seed, info = bytes(range(100, 132)), b"mash1/wrap" + bytes(64)
    wrap = Mash1Crypto().wrap(FileOpener(seed).public_key, b"s" * 32, info)
    assert _open_by_hand(seed, wrap, info) == b"s" * 32


def test_independent_computation_opens_the_wrap_of_the_self_test() -> None:
    """The fixed wrap was made once with `Mash1Crypto.wrap`; make another so when the suite changes."""
    assert _open_by_hand(selftest._SEED, selftest._WRAP, selftest._INFO) == selftest._SECRET


@pytest.mark.parametrize("index", range(4))
def test_signatures_are_those_of_rfc_8032(index: int) -> None:
    """Each line of the reference file: private and public key, public key, message, signature and message."""
    with open_vector_file("asymmetric/Ed25519/sign.input", "r") as lines:
        private, public, message, signed, _ = lines.read().splitlines()[index * 300].split(":")
    signer = FileSigner(bytes.fromhex(private)[:32])
    assert signer.public_key.hex() == public
    assert signer.sign(bytes.fromhex(message)).hex() + message == signed


# ---------------------------------------------------------------- HPKE by hand, for one suite and base mode

LABEL = b"\\.//^\\"
"""X-Wing's label (draft-connolly-cfrg-xwing-kem, combiner)."""

SUITE_ID = b"HPKE" + X_WING.to_bytes(2, "big") + (1).to_bytes(2, "big") + (2).to_bytes(2, "big")


def _open_by_hand(seed: bytes, wrap: bytes, info: bytes) -> bytes:
    expanded = hashlib.shake_256(seed).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
    mlkem_share, x25519_share, sealed = wrap[:1088], wrap[1088:1120], wrap[1120:]
    shared = hashlib.sha3_256(
        mlkem.decapsulate(mlkem_share)
        + x25519.exchange(X25519PublicKey.from_public_bytes(x25519_share))
        + x25519_share
        + x25519.public_key().public_bytes_raw()
        + LABEL
    ).digest()
    context = bytes([BASE_MODE]) + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    secret = _extract(shared, b"secret", b"")
    key, nonce = _expand(secret, b"key", context, 32), _expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed, None)


def _extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE_ID + label + ikm, "sha256")


def _expand(secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + SUITE_ID + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]
