"""Possession: what a member signs beside each of its keys, so that no directory can name a key that is not its own.

(1) A signing key signs itself together with the partnership and the member's id: a public key that was copied from
another member, or from another partnership, has no such signature here. (2) A transport key signs nothing; one of the
same member's signing keys signs it with its times. So whoever keeps the roots can neither exchange it, nor lengthen its
life. That its owner can open what is sealed to it shows only when it opens: a member that lists a key of nobody's has
shut itself out, and nobody else.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from broker.errors import RejectedError
from broker.exchange.envelope import sha256
from broker.ports import Crypto, Signer
from schemas.directory import Directory, KemKey, Principal, SigningKey

SIGNING_LABEL = b"mash1/signing-key"
KEM_LABEL = b"mash1/kem-key"


def own_signing_key(signer: Signer, *, partnership: str, principal: str) -> SigningKey:
    """Return a member's signing key with its proof of possession (1), as it goes into a directory."""
    statement = _signing_statement(partnership, principal, signer.public_key)
    return SigningKey(key_id=signer.key_id, public_key=signer.public_key, possession=signer.sign(statement))


def own_kem_key(
    signer: Signer,
    public_key: bytes,
    *,
    partnership: str,
    principal: str,
    seal_from: datetime,
    seal_until: datetime,
    open_until: datetime,
) -> KemKey:
    """Return a member's transport key, signed by it (2), as it goes into a directory."""
    times = (seal_from, seal_until, open_until)
    return KemKey(
        public_key=public_key,
        seal_from=seal_from,
        seal_until=seal_until,
        open_until=open_until,
        signature=signer.sign(_kem_statement(partnership, principal, public_key, times)),
    )


def check_possession(directory: Directory, crypto: Crypto) -> None:
    """Check (1) and (2) for every member. Raises: RejectedError `DIRECTORY_POSSESSION`."""
    for principal in directory.principals:
        if not all(_is_own(key, directory.partnership, principal.id, crypto) for key in principal.signing_keys):
            raise RejectedError("DIRECTORY_POSSESSION", f"{principal.id}: a signing key did not sign for this member")
        if not all(_is_signed(key, directory.partnership, principal, crypto) for key in principal.kem_keys):
            raise RejectedError("DIRECTORY_POSSESSION", f"{principal.id}: a transport key that it did not sign")


def _is_own(key: SigningKey, partnership: str, name: str, crypto: Crypto) -> bool:
    return crypto.verify(key.public_key, key.possession, _signing_statement(partnership, name, key.public_key))


def _is_signed(key: KemKey, partnership: str, principal: Principal, crypto: Crypto) -> bool:
    times = (key.seal_from, key.seal_until, key.open_until)
    statement = _kem_statement(partnership, principal.id, key.public_key, times)
    return any(crypto.verify(own.public_key, key.signature, statement) for own in principal.signing_keys)


def _signing_statement(partnership: str, name: str, public_key: bytes) -> bytes:
    return SIGNING_LABEL + sha256(_member(partnership, name), public_key)


def _kem_statement(partnership: str, name: str, public_key: bytes, times: tuple[datetime, ...]) -> bytes:
    moments = b"".join(_milliseconds(moment).to_bytes(8, "big", signed=True) for moment in times)
    return KEM_LABEL + sha256(_member(partnership, name), moments, public_key)


def _member(partnership: str, name: str) -> bytes:
    # No Name holds a zero byte, so one pair cannot be spelt as another.
    return f"{partnership}\0{name}\0".encode()


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
