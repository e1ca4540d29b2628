"""The next directory version before it is due: what a week ahead would make, issued now."""

from __future__ import annotations

from datetime import timedelta

from broker.bootstrap.principal import utc_now
from broker.exchange.directory_source import DirectorySource
from broker.partnership.enrolment import DIRECTORY_LIFE, epochs, kem_key, publish_directory
from broker.partnership.home import Home
from schemas.directory import Directory, Principal


def renew_early(home: Home, published: DirectorySource) -> None:
    """Publish the next version now, with the transport keys of the week after: everybody has a new one to load."""
    current = published.current()
    now = utc_now()
    publish_directory(
        home,
        changed(
            current.directory,
            version=current.directory.version + 1,
            issued_at=now,
            expires_at=now + DIRECTORY_LIFE,
            previous_digest=current.digest,
            principals=tuple(
                _with_next_epoch(home, one, current.directory.partnership) for one in current.directory.principals
            ),
        ),
        roots=published.roots,
    )


def changed(directory: Directory, **fields: object) -> Directory:
    """Return the directory with other values of some fields, checked again."""
    return Directory.model_validate({**{name: getattr(directory, name) for name in Directory.model_fields}, **fields})


def _with_next_epoch(home: Home, principal: Principal, partnership: str) -> Principal:
    held = {key.seal_from: key for key in principal.kem_keys}
    for start in epochs(utc_now() + timedelta(days=7)):
        keys = home.path / principal.id / "keys"
        held.setdefault(start, kem_key(keys, start, partnership=partnership, principal=principal.id))
    fields = {name: getattr(principal, name) for name in Principal.model_fields}
    return Principal.model_validate({**fields, "kem_keys": tuple(held[start] for start in sorted(held))})
