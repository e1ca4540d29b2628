"""Enrolment on one machine: the keys, register and first signed directory of a partnership.

This is the development and pilot case, where one person holds every root key. In production each organisation makes its
own keys, and officers of two organisations sign each directory version. `renewal` makes the later versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import final

from broker.adapters.keystore import (
    EPOCH,
    OPEN_AFTER,
    epoch_start,
    load_root,
    load_signer,
    make_epoch,
    make_keys,
    make_root,
)
from broker.bootstrap.sectors import load_agents
from broker.config import (
    FILE_NAME,
    Config,
    DirectoryConfig,
    EmbeddedLogConfig,
    HolderConfig,
    ProcessRole,
    RequesterConfig,
    write_config,
)
from broker.errors import FieldError, UsageError
from broker.exchange.directory import DIRECTORY_LABEL
from broker.exchange.directory_source import directory_file
from broker.exchange.envelope import sha256
from broker.exchange.possession import own_kem_key, own_signing_key
from broker.exchange.public_file import PublicFile
from broker.partnership.home import DIRECTORY_FOLDER, LOG_FILE, Home
from broker.partnership.profile import AUDIT, SCREENING, Profile
from schemas.codec import encode
from schemas.directory import (
    Directory,
    KemKey,
    Person,
    Principal,
    Register,
    ReviewRule,
    RootSignature,
    SharingAgreement,
    SignedDirectory,
    SuiteWindow,
)
from schemas.exchange import SUITE
from schemas.vocabulary import (
    DataClass,
    Mode,
    PrincipalRole,
    PrincipalState,
    Purpose,
    RatingBand,
    ReviewPolicy,
    Sector,
)

DIRECTORY_LIFE = timedelta(days=7)
EPOCHS_AHEAD = 2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of a new HOME. `files` are the files that its directory pins: profile, protocol and law."""

    profile: Profile
    files: Mapping[PublicFile, bytes]
    organisations: Mapping[str, Sector]
    review: Mapping[str, Mapping[RatingBand, ReviewPolicy]]
    by_hand: frozenset[str] = frozenset()
    """Organisations whose practitioners answer everything, whatever agent is installed for their sector."""


def create_home(path: Path, plan: Plan, *, now: datetime) -> Home:
    """Make the keys, signed directory, register, stores and configuration of one partnership in an empty folder.

    Raises: UsageError where the folder is not empty; then nothing was made.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{path}: is not an empty folder; nothing was changed")
    members = _members(plan)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = Home(path=path.absolute())
    home.directory_folder.mkdir(mode=0o755)
    hub = plan.profile.hub
    root_holders = (hub, next(iter(plan.organisations)))
    for member in members:
        # The audit service gets a key of its own: tokens lie with it, so the key that makes them must not.
        shares = member.principal != hub and member.role is not PrincipalRole.AUDIT
        make_keys(home.path / member.principal / "keys", search_from=home.path / hub / "keys" if shares else None)
    roots = {name: make_root(home.path / name / "keys").public_key.hex() for name in root_holders}
    files = {**plan.files, PublicFile.REGISTER: encode(_register(plan))}
    # The files come before the directory that pins them: a reader of the directory must find every pinned file.
    for file, content in files.items():
        file.write(home.directory_folder, content)
    pins = {file: file.digest(content) for file, content in files.items()}
    publish_directory(home, _first_directory(home, plan, members, pins, now), roots=tuple(roots))
    for member in members:
        _write_config(home, member, plan, roots, now)
    return home


# ---------------------------------------------------------------- members


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    principal: str
    name: str
    role: ProcessRole
    sector: Sector
    acts_for: str
    state: PrincipalState


def _members(plan: Plan) -> tuple[_Member, ...]:
    hub, adapters = plan.profile.hub, load_agents()
    own = _Member(
        principal=hub,
        name=plan.profile.hub_name,
        role=PrincipalRole.REQUESTER,
        sector=Sector.CHILDRENS_SOCIAL_CARE,
        acts_for=hub,
        state=PrincipalState.LIVE,
    )
    consumers = (
        replace(own, principal=f"{hub}-{SCREENING}", name="Screening consumer", role=PrincipalRole.SCREENING),
        replace(own, principal=f"{hub}-{AUDIT}", name="Audit consumer", role=PrincipalRole.AUDIT),
    )
    for name in plan.organisations:
        if name in plan.profile.own_ids:
            raise FieldError("organisations", f"{name}: this id is the hub's own, or reserved")
    return (
        own,
        *consumers,
        *(
            _Member(
                principal=name,
                name=name,
                role=PrincipalRole.HOLDER,
                sector=sector,
                acts_for=name,
                state=PrincipalState.LIVE if sector in adapters and name not in plan.by_hand else PrincipalState.MANUAL,
            )
            for name, sector in plan.organisations.items()
        ),
    )


def _write_config(home: Home, member: _Member, plan: Plan, roots: Mapping[str, str], now: datetime) -> None:
    policy = plan.profile.policy_document
    holder = HolderConfig(apd_ref=policy.ref, apd_valid_until=now + timedelta(days=policy.valid_days))
    requester = RequesterConfig(clocks=plan.profile.clocks)
    config = Config(
        principal=member.principal,
        role=member.role,
        sector=member.sector,
        acts_for=member.acts_for,
        partnership=plan.profile.partnership,
        log=EmbeddedLogConfig(address=f"../{LOG_FILE}"),
        directory=DirectoryConfig(folder=f"../{DIRECTORY_FOLDER}", minimum_version=1, roots=dict(roots)),
        holder=holder if member.role is PrincipalRole.HOLDER else None,
        requester=requester if member.role is PrincipalRole.REQUESTER else None,
    )
    write_config(home.path / member.principal / FILE_NAME, config)


# ---------------------------------------------------------------- the directory


def epochs(now: datetime) -> tuple[datetime, ...]:
    """Return the start of each key epoch that a directory issued now must name."""
    start = epoch_start(now)
    return tuple(start + index * EPOCH for index in range(EPOCHS_AHEAD))


def kem_key(keys: Path, start: datetime, *, partnership: str, principal: str) -> KemKey:
    """Return an epoch's public transport key, signed; its private half is made in `keys` if it is not there yet."""
    until = start + EPOCH
    return own_kem_key(
        load_signer(keys),
        make_epoch(keys, start),
        partnership=partnership,
        principal=principal,
        seal_from=start,
        seal_until=until,
        open_until=until + OPEN_AFTER,
    )


def _first_directory(
    home: Home, plan: Plan, members: tuple[_Member, ...], pins: Mapping[PublicFile, bytes], now: datetime
) -> Directory:
    return Directory(
        partnership=plan.profile.partnership,
        version=1,
        issued_at=now,
        expires_at=now + DIRECTORY_LIFE,
        previous_digest=None,
        register_digest=pins[PublicFile.REGISTER],
        profile_digest=pins[PublicFile.PROFILE],
        protocol_digest=pins[PublicFile.PROTOCOL],
        law_digest=pins[PublicFile.LAW],
        suites=(SuiteWindow(name=SUITE, accepted_from=now, accepted_until=None),),
        principals=tuple(_principal(home, member, plan.profile.partnership, now) for member in members),
        agreements=tuple(_agreement(name, plan, now) for name in plan.organisations),
    )


def _principal(home: Home, member: _Member, partnership: str, now: datetime) -> Principal:
    name, keys = member.principal, home.path / member.principal / "keys"
    return Principal(
        id=name,
        name=member.name,
        roles=(member.role,),
        sector=member.sector,
        acts_for=member.acts_for,
        state=member.state,
        signing_keys=(own_signing_key(load_signer(keys), partnership=partnership, principal=name),),
        kem_keys=tuple(kem_key(keys, start, partnership=partnership, principal=name) for start in epochs(now)),
    )


def _agreement(holder: str, plan: Plan, now: datetime) -> SharingAgreement:
    terms, review = plan.profile.agreement, plan.review[holder]
    return SharingAgreement(
        id=terms.id,
        version=terms.version,
        holder=holder,
        requester=plan.profile.hub,
        valid_from=now,
        valid_until=now + timedelta(days=terms.valid_days),
        purposes=tuple(Purpose),
        data_classes=tuple(DataClass),
        modes=tuple(Mode),
        review=tuple(ReviewRule(band=band, policy=policy) for band, policy in review.items()),
    )


def _register(plan: Plan) -> Register:
    profile, people = plan.profile, plan.profile.register_of_people
    posts = [(actor, profile.hub, title) for actor, titles in people.hub.items() for title in titles]
    posts.extend(
        (f"{name}-{actor}", name, title)
        for name in plan.organisations
        for actor, titles in people.each_organisation.items()
        for title in titles
    )
    return Register(
        partnership=profile.partnership,
        version=1,
        people=tuple(
            Person(actor=actor, organisation=name, title=title, capabilities=profile.titles[title].capabilities)
            for actor, name, title in posts
        ),
    )


def publish_directory(home: Home, directory: Directory, *, roots: tuple[str, ...]) -> None:
    """Sign a version with these organisations' root keys and write it to the public folder, whole or not at all."""
    body = encode(directory)
    signatures = []
    for organisation in roots:
        root = load_root(home.path / organisation / "keys")
        signatures.append(
            RootSignature(
                organisation=organisation,
                key_id=root.key_id,
                signature=root.sign(DIRECTORY_LABEL + sha256(body)),
            )
        )
    path = directory_file(home.directory_folder, directory.version)
    draft = path.with_suffix(".new")
    draft.write_bytes(encode(SignedDirectory(directory=body, signatures=tuple(signatures))))
    # Crash here: the version stays unpublished under its draft name, and the next renewal writes it again.
    draft.replace(path)  # atomic: no reader sees half a version
