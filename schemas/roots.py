"""The roots that sign the directory, as one set follows another: signed by the set before and by itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.directory import RootSignature
from schemas.scalars import Count, Digest, Name, Wire


class RootKey(Wire):
    """One organisation's root: an Ed25519 public key."""

    organisation: Name
    """Whose root it is."""
    public_key: Annotated[bytes, Field(min_length=32, max_length=32)]
    """The key itself."""


class Roots(Wire):
    """One set of roots, which takes the place of the set before it (ROOT-1)."""

    partnership: Name
    """Whose roots they are."""
    number: Count
    """Its number: 1 follows the set that was pinned at enrolment."""
    roots: Annotated[tuple[RootKey, ...], Field(min_length=2, max_length=8, fail_fast=True)]
    """The roots from now on."""
    last_version: Count
    """The last directory of the set before that stands; what it signed above that is undone."""
    last_digest: Digest
    """That directory's digest (DIR-3)."""


class SignedRoots(Wire):
    """A set of roots as it is kept and published."""

    roots: bytes
    """The exact bytes that were signed."""
    signatures: Annotated[tuple[RootSignature, ...], Field(min_length=2, max_length=16, fail_fast=True)]
    """The signatures of the set before and of this one."""
