"""The tables that ship: the law, and Northamptonshire's protocol, to be loaded as they are or changed."""

from __future__ import annotations

from broker.exchange.public_file import PublicFile
from broker.gate.tables import Tables, load_tables, packaged_law
from broker.partnership.profile import PROFILES, load_profile

LAW = packaged_law()
PROTOCOL = (PROFILES / "northamptonshire" / "protocol.toml").read_bytes()


def northamptonshire(*, law: bytes = LAW, protocol: bytes = PROTOCOL) -> Tables:
    """Load both layers, or another in the place of one."""
    return load_tables(law=law, protocol=protocol)


def packaged(profile: str) -> Tables:
    """Load a packaged profile's tables."""
    files = load_profile(profile).files
    return load_tables(law=files[PublicFile.LAW], protocol=files[PublicFile.PROTOCOL])


def changed(text: bytes, old: str, new: str) -> bytes:
    """Return a table with one place changed."""
    assert old.encode() in text, "the packaged table has changed; change this test with it"
    return text.replace(old.encode(), new.encode(), 1)
