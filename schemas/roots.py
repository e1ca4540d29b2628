"""The roots that sign the directory, as one set follows another: signed by the set before and by itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.directory import RootSignature
from schemas.scalars import Count, Digest, Name, Wire


class RootKey(Wire):
    """One organisation's root: an Ed25519 public key."""

    organisation: Name
    """Who keeps the private half of this key, by its id in the directory (ROOT-1)."""
    public_key: Annotated[bytes, Field(min_length=32, max_length=32)]
    """The Ed25519 public key, 32 bytes, that its keeper signs directories with (KEY-2)."""


class Roots(Wire):
    """One set of roots, which takes the place of the set before it (ROOT-1)."""

    partnership: Name
    """The partnership whose directories these roots sign."""
    number: Count
    """Its number: 1 follows the set that was pinned at enrolment."""
    roots: Annotated[tuple[RootKey, ...], Field(min_length=2, max_length=8, fail_fast=True)]
    """The keys that count from now on, of different organisations; two of them must sign (DIR-2)."""
    last_version: Count
    """The last directory of the set before that stands; what it signed above that is undone."""
    last_digest: Digest
    """The digest of `last_version`, which the next directory names as the one before it (DIR-3)."""


class SignedRoots(Wire):
    """A set of roots as it is kept and published."""

    roots: bytes
    """The exact bytes that were signed."""
    signatures: Annotated[tuple[RootSignature, ...], Field(min_length=2, max_length=16, fail_fast=True)]
    """The signatures of the set before and of this one."""
