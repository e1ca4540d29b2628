"""An invented directory for provisioning: two requesters, organisations in different states, with keys of no use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from schemas.directory import Directory, KemKey, Principal, SigningKey, SuiteWindow
from schemas.vocabulary import PrincipalRole, PrincipalState, Sector

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LIVE = PrincipalState.LIVE

MEMBERS: Mapping[str, tuple[PrincipalRole, str, PrincipalState]] = {
    "hub": (PrincipalRole.REQUESTER, "hub", LIVE),
    "hub-screening": (PrincipalRole.SCREENING, "hub", LIVE),
    "hub-audit": (PrincipalRole.AUDIT, "hub", LIVE),
    "coast": (PrincipalRole.REQUESTER, "coast", LIVE),
    "coast-screening": (PrincipalRole.SCREENING, "coast", LIVE),
    "police": (PrincipalRole.HOLDER, "police", LIVE),
    "health": (PrincipalRole.HOLDER, "health", LIVE),
    "education": (PrincipalRole.HOLDER, "education", PrincipalState.MANUAL),
    "probation": (PrincipalRole.HOLDER, "probation", LIVE),
    "team": (PrincipalRole.RECIPIENT, "team", LIVE),
    "watch": (PrincipalRole.WITNESS, "watch", LIVE),
    "closed": (PrincipalRole.HOLDER, "closed", PrincipalState.SUSPENDED),
}
"""Each principal's role, for whom it acts, and whether it takes part."""


def directory(
    partnership: str = "northants", members: Mapping[str, tuple[PrincipalRole, str, PrincipalState]] = MEMBERS
) -> Directory:
    """Return a directory of these members."""
    return Directory(
        partnership=partnership,
        version=1,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=7),
        previous_digest=None,
        register_digest=bytes(32),
        profile_digest=bytes(32),
        protocol_digest=bytes(32),
        law_digest=bytes(32),
        suites=(SuiteWindow(name="MASH1", accepted_from=NOW, accepted_until=None),),
        principals=tuple(_principal(name, *said) for name, said in members.items()),
        agreements=(),
    )


def _principal(name: str, role: PrincipalRole, acts_for: str, state: PrincipalState) -> Principal:
    return Principal(
        id=name,
        name=name,
        roles=(role,),
        sector=Sector.POLICE,
        acts_for=acts_for,
        state=state,
        signing_keys=(SigningKey(key_id="0" * 32, public_key=bytes(32), possession=bytes(64)),),
        kem_keys=(
            KemKey(
                public_key=bytes(1216),
                seal_from=NOW,
                seal_until=NOW + timedelta(days=7),
                open_until=NOW + timedelta(days=21),
                signature=bytes(64),
            ),
        ),
    )
