"""A principal starts with the signing key that the directory names for it, in that key's time, and with no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from broker.bootstrap.principal import check_own_keys
from broker.errors import UsageError


def check(partnership: Any, name: str = "police", **window: Any) -> None:
    principals = tuple(
        one.model_copy(update={"signing_keys": (one.signing_keys[0].model_copy(update=window),)})
        for one in partnership.directory().principals
    )
    trusted = partnership.trust(partnership.signed(partnership.directory(principals=principals)))
    check_own_keys("police", partnership.keys(name), trusted, partnership.now)


def test_principal_starts_with_its_own_key_only(partnership: Any) -> None:
    check(partnership)
    with pytest.raises(UsageError, match="not the one that the directory names"):
        check(partnership, "health")


def test_principal_does_not_start_outside_the_time_of_its_key(partnership: Any) -> None:
    """All it wrote would be refused by everybody, and nobody would tell it."""
    check(partnership, valid_from=partnership.now)
    with pytest.raises(UsageError, match="outside the time"):
        check(partnership, valid_until=partnership.now)
    with pytest.raises(UsageError, match="outside the time"):
        check(partnership, valid_from=partnership.now + timedelta(seconds=121))
