"""The directory: nobody changes it alone, nobody winds it back, nobody shows two of it, and no key is two people's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker.adapters.crypto import FileOpener, FileSigner, random_bytes
from broker.errors import InvariantError, RejectedError
from broker.exchange.directory import DIRECTORY_LABEL, trust
from broker.exchange.envelope import LIFETIME, sha256
from broker.exchange.possession import own_kem_key, own_signing_key
from schemas.codec import decode, encode
from schemas.directory import Directory, Principal, RootSignature, SignedDirectory, SuiteWindow
from schemas.topics import Family
from schemas.vocabulary import Kind, PrincipalRole, PrincipalState
from tests.exchange_world import flipped


@pytest.fixture
def reason(partnership):
    """Return why a signed directory is not trusted."""

    def run(signed, **settings):
        roots = {name: signer.public_key for name, signer in partnership.roots.items()}
        given = {
            "partnership": "northants",
            "roots": roots,
            "seen": (0, None),
            "crypto": partnership.crypto,
            "now": partnership.now,
            **settings,
        }
        with pytest.raises(RejectedError) as raised:
            trust(signed, **given)
        return raised.value.reason

    return run


def changed(partnership, name, **changes) -> Directory:
    """Return the directory in which one principal differs."""
    principals = partnership.directory().principals
    return partnership.directory(
        principals=tuple(Principal(**{**dict(one), **changes}) if one.id == name else one for one in principals)
    )


def kem(partnership, public_key, *, start, days=7):
    return own_kem_key(
        partnership.signers["police"],
        public_key,
        partnership="northants",
        principal="police",
        seal_from=start,
        seal_until=start + timedelta(days=days),
        open_until=start + timedelta(days=days + 21),
    )


# ---------------------------------------------------------------- who signed


def test_two_pinned_roots_make_it_trusted(partnership):
    signed = partnership.signed(partnership.directory())
    trusted = partnership.trust(signed)
    assert trusted.directory == partnership.directory()
    assert trusted.digest == sha256(DIRECTORY_LABEL, decode(SignedDirectory, signed).directory)


def test_one_root_twice_is_not_two(partnership, reason):
    assert reason(partnership.signed(partnership.directory(), by=("hub", "hub"))) == "DIRECTORY_UNSIGNED"


def test_a_root_that_nobody_pinned_does_not_count(partnership, reason):
    partnership.roots["health"] = FileSigner(random_bytes(32))
    signed = partnership.signed(partnership.directory(), by=("hub", "health"))
    pinned = {name: partnership.roots[name].public_key for name in ("hub", "police")}
    assert reason(signed, roots=pinned) == "DIRECTORY_UNSIGNED"


def test_a_root_that_signs_under_another_organisations_name_does_not_count(partnership, reason):
    body = encode(partnership.directory())
    hub = partnership.roots["hub"]
    signature = hub.sign(DIRECTORY_LABEL + sha256(body))
    both = tuple(RootSignature(organisation=name, key_id=hub.key_id, signature=signature) for name in ("hub", "police"))
    assert reason(encode(SignedDirectory(directory=body, signatures=both))) == "DIRECTORY_UNSIGNED"


def test_one_root_that_is_pinned_under_two_names_is_still_one_root(partnership, reason):
    partnership.roots["police"] = partnership.roots["hub"]
    assert reason(partnership.signed(partnership.directory())) == "DIRECTORY_UNSIGNED"


def test_a_directory_that_an_attacker_made_is_not_trusted(partnership, reason):
    partnership_roots = {name: signer.public_key for name, signer in partnership.roots.items()}
    partnership.roots = {name: FileSigner(random_bytes(32)) for name in ("hub", "police")}
    assert reason(partnership.signed(partnership.directory()), roots=partnership_roots) == "DIRECTORY_UNSIGNED"


def test_a_signature_is_for_a_directory_and_for_these_bytes(partnership, reason):
    outer = decode(SignedDirectory, partnership.signed(partnership.directory()))
    longer = encode(partnership.directory(version=2))
    assert reason(encode(SignedDirectory(directory=longer, signatures=outer.signatures))) == "DIRECTORY_UNSIGNED"
    unlabelled = tuple(
        RootSignature(organisation=name, key_id=root.key_id, signature=root.sign(sha256(outer.directory)))
        for name, root in partnership.roots.items()
    )
    assert reason(encode(SignedDirectory(directory=outer.directory, signatures=unlabelled))) == "DIRECTORY_UNSIGNED"


def test_an_altered_or_malformed_directory_is_refused(partnership, reason):
    signed = partnership.signed(partnership.directory())
    assert reason(signed + b"\0") == "DIRECTORY_MALFORMED"
    assert reason(b"") == "DIRECTORY_MALFORMED"
    for at in (5, 100, len(signed) // 2, len(signed) - 1):
        assert reason(flipped(signed, at)) in {"DIRECTORY_UNSIGNED", "DIRECTORY_MALFORMED"}


def test_another_partnerships_directory_is_refused(partnership, reason):
    assert reason(partnership.signed(partnership.directory(partnership="leics"))) == "WRONG_PARTNERSHIP"


def test_a_directory_without_our_suite_is_refused(partnership, reason):
    other = SuiteWindow(name="MASH2", accepted_from=partnership.now, accepted_until=None)
    assert reason(partnership.signed(partnership.directory(suites=(other,)))) == "WRONG_PARTNERSHIP"


# ---------------------------------------------------------------- rollback and split view


def test_a_lower_version_than_was_seen_is_a_rollback(partnership, reason):
    signed = partnership.signed(partnership.directory(version=4))
    assert reason(signed, seen=(5, None)) == "DIRECTORY_ROLLBACK"
    assert partnership.trust(signed, seen=(4, None)).directory.version == 4
    assert partnership.trust(signed, seen=(3, None)).directory.version == 4


def test_only_the_next_version_follows_and_names_the_one_before(partnership, reason):
    """Two roots that sign the highest number would leave no room for any version after it."""
    before = b"\1" * 32
    linked = partnership.signed(partnership.directory(version=4, previous_digest=before))
    assert partnership.trust(linked, seen=(3, before)).directory.version == 4
    assert reason(linked, seen=(3, b"\2" * 32)) == "DIRECTORY_CHAIN"
    assert reason(linked, seen=(2, before)) == "DIRECTORY_CHAIN"
    far = partnership.signed(partnership.directory(version=2**53, previous_digest=before))
    assert reason(far, seen=(3, before)) == "DIRECTORY_CHAIN"
    assert reason(partnership.signed(partnership.directory(version=4)), seen=(3, before)) == "DIRECTORY_CHAIN"


def test_a_version_of_the_past_is_read_by_no_clock(partnership):
    roots = {name: signer.public_key for name, signer in partnership.roots.items()}
    signed = partnership.signed(partnership.directory())
    settings = {"partnership": "northants", "roots": roots, "seen": (0, None), "crypto": partnership.crypto}
    early = partnership.now - timedelta(days=400)
    assert trust(signed, **settings, now=None).directory.version == 1
    with pytest.raises(RejectedError, match="DIRECTORY_DATES"):
        trust(signed, **settings, now=early)


def test_two_contents_under_one_version_are_a_split_view(partnership, reason):
    one = partnership.trust(partnership.signed(partnership.directory()))
    two = partnership.signed(partnership.directory(issued_at=partnership.now))
    assert reason(two, seen=(1, one.digest)) == "DIRECTORY_SPLIT_VIEW"
    again = partnership.signed(partnership.directory(), by=("police", "hub"))
    assert (
        partnership.trust(again, seen=(1, one.digest)).digest == one.digest
    )  # signatures in another order are no other view


# ---------------------------------------------------------------- keys and names


def test_a_signing_key_of_two_principals_is_refused(partnership, reason):
    shared = partnership.principal("hub").signing_keys
    assert reason(partnership.signed(changed(partnership, "police", signing_keys=shared))) == "DIRECTORY_KEYS"


def test_a_kem_key_of_two_principals_or_two_epochs_is_refused(partnership, reason):
    shared = partnership.principal("hub").kem_keys
    assert reason(partnership.signed(changed(partnership, "police", kem_keys=shared))) == "DIRECTORY_KEYS"
    assert reason(partnership.signed(changed(partnership, "hub", kem_keys=shared * 2))) == "DIRECTORY_KEYS"


def test_a_key_id_that_is_not_its_keys_is_refused(partnership, reason):
    key = partnership.principal("hub").signing_keys[0].model_copy(update={"key_id": "0" * 32})
    assert reason(partnership.signed(changed(partnership, "hub", signing_keys=(key,)))) == "DIRECTORY_KEYS"


def test_a_name_that_stands_twice_is_refused(partnership, reason):
    assert reason(partnership.signed(changed(partnership, "police", id="health"))) == "DIRECTORY_KEYS"


def test_a_stolen_public_key_is_not_enrolled_under_another_organisation(partnership, reason):
    """Attack: health has police's public key enrolled as its own, and police's messages pass for health's."""
    stolen = partnership.principal("police").signing_keys
    members = tuple(
        one.model_copy(update={"signing_keys": one.signing_keys + stolen}) if one.id == "health" else one
        for one in partnership.directory().principals
        if one.id != "police"
    )
    assert reason(partnership.signed(partnership.directory(principals=members))) == "DIRECTORY_POSSESSION"


def test_a_key_of_another_partnership_has_no_possession_here(partnership, reason):
    keys = (own_signing_key(partnership.signers["police"], partnership="leics", principal="police"),)
    assert reason(partnership.signed(changed(partnership, "police", signing_keys=keys))) == "DIRECTORY_POSSESSION"


@pytest.mark.parametrize("times", [{"seal_from": -1}, {"seal_until": -1}, {"open_until": 1}])
def test_two_roots_cannot_exchange_a_members_transport_key_nor_lengthen_its_life(partnership, reason, times):
    """Attack: whoever keeps the roots puts a key of their own, or more time, into a member's entry."""
    own = partnership.principal("police").kem_keys[0]
    theirs = own.model_copy(update={"public_key": FileOpener(random_bytes(32)).public_key})
    later = own.model_copy(update={name: getattr(own, name) + timedelta(days=by) for name, by in times.items()})
    for key in (theirs, later):
        assert reason(partnership.signed(changed(partnership, "police", kem_keys=(key,)))) == "DIRECTORY_POSSESSION"


def test_a_transport_key_is_signed_by_its_own_member(partnership, reason):
    own = partnership.principal("police").kem_keys[0]
    times = {name: getattr(own, name) for name in ("seal_from", "seal_until", "open_until")}
    named = {"partnership": "northants", "principal": "police"}
    foreign = own_kem_key(partnership.signers["health"], own.public_key, **named, **times)
    assert reason(partnership.signed(changed(partnership, "police", kem_keys=(foreign,)))) == "DIRECTORY_POSSESSION"


def test_a_signing_key_that_ends_before_it_begins_is_refused(partnership, reason):
    now = partnership.now
    key = partnership.principal("hub").signing_keys[0].model_copy(update={"valid_from": now, "valid_until": now})
    assert reason(partnership.signed(changed(partnership, "hub", signing_keys=(key,)))) == "DIRECTORY_KEYS"


# ---------------------------------------------------------------- what it says


def test_a_directory_is_stale_from_the_moment_that_it_names(partnership):
    end = partnership.trusted.directory.expires_at
    assert not partnership.trusted.stale(end - timedelta(milliseconds=1))
    assert partnership.trusted.stale(end)


def test_only_those_who_take_part_are_principals(partnership):
    trusted = partnership.trust(partnership.signed(changed(partnership, "police", state=PrincipalState.MANUAL)))
    assert trusted.principal("police").id == "police"
    for state in (PrincipalState.INVITED, PrincipalState.TEST, PrincipalState.SUSPENDED):
        trusted = partnership.trust(partnership.signed(changed(partnership, "police", state=state)))
        with pytest.raises(RejectedError, match="NOT_TAKING_PART"):
            trusted.principal("police")
    with pytest.raises(RejectedError, match="UNKNOWN_SENDER"):
        trusted.principal("nobody")


def test_a_role_that_is_missing_or_held_twice_is_an_error_and_no_choice(partnership):
    assert partnership.trusted.only(PrincipalRole.SCREENING, acts_for="hub").id == "hub-screening"
    for role, acts_for in ((PrincipalRole.HOLDER, None), (PrincipalRole.SCREENING, "police")):
        with pytest.raises(InvariantError):
            partnership.trusted.only(role, acts_for=acts_for)


def test_it_is_sealed_to_the_newest_epoch_that_has_begun(partnership):
    keys = [FileOpener(random_bytes(32)).public_key for _ in range(3)]
    week = timedelta(days=7)
    epochs = tuple(kem(partnership, key, start=partnership.now + index * week) for index, key in enumerate(keys))
    trusted = partnership.trust(partnership.signed(changed(partnership, "police", kem_keys=epochs)))
    moment = timedelta(milliseconds=1)
    for index, key in enumerate(keys):
        assert trusted.kem_key("police", partnership.now + index * week).public_key == key
        assert trusted.kem_key("police", partnership.now + (index + 1) * week - moment).public_key == key


def test_when_every_epoch_is_over_the_last_that_opens_is_sealed_to_and_then_none(partnership):
    keys = [FileOpener(random_bytes(32)).public_key for _ in range(2)]
    epochs = tuple(
        kem(partnership, key, start=partnership.now + timedelta(days=days))
        for key, days in zip(keys, (0, 7), strict=True)
    )
    trusted = partnership.trust(partnership.signed(changed(partnership, "police", kem_keys=epochs[::-1])))
    last = partnership.now + timedelta(days=35) - LIFETIME  # later, and the key would die before the message
    assert trusted.kem_key("police", last).public_key == keys[1]
    with pytest.raises(InvariantError, match="epoch"):
        trusted.kem_key("police", last + timedelta(milliseconds=1))
    with pytest.raises(InvariantError, match="epoch"):
        trusted.kem_key("police", partnership.now - timedelta(milliseconds=1))


def test_an_epoch_in_its_week_is_preferred_to_a_later_one_that_is_over(partnership):
    keys = [FileOpener(random_bytes(32)).public_key for _ in range(2)]
    long = kem(partnership, keys[0], start=partnership.now, days=14)
    short = kem(partnership, keys[1], start=partnership.now + timedelta(days=1), days=1)
    trusted = partnership.trust(partnership.signed(changed(partnership, "police", kem_keys=(long, short))))
    assert trusted.kem_key("police", partnership.now + timedelta(days=3)).public_key == keys[0]


def test_the_readers_are_those_of_the_topic_table(partnership):
    readers, topic = partnership.trusted.readers, partnership.topic
    assert readers(Kind.REQUEST, sender="hub", topic=topic(Family.REQUESTS, "police")) == ("police",)
    assert readers(Kind.ANSWER, sender="police", topic=topic(Family.ANSWERS, "hub", "police")) == ("hub-screening",)
    assert readers(Kind.SUMMARY, sender="hub-screening", topic=topic(Family.SUMMARIES, "hub")) == (
        "hub",
        "hub-screening",
    )


@pytest.mark.parametrize(
    ("kind", "sender", "topic"),
    [
        (Kind.REQUEST, "hub", "mash.northants.desk.police.v1"),
        (Kind.REQUEST, "hub", "mash.northants.requests.v1"),
        (Kind.REQUEST, "hub", "mash.leics.requests.police.v1"),
        (Kind.REQUEST, "hub", "mash.northants.requests.police.v2"),
        (Kind.DECISION, "police", "mash.northants.requests.health.v1"),
        (Kind.ANSWER, "police", "mash.northants.answers.hub.v1"),
        (Kind.ANSWER, "police", "mash.northants.answers.police.hub.v1"),
        (Kind.DISPATCH, "hub", "mash.northants.dispatches.health.v1"),
        (Kind.AUDIT_EVENT, "police", "mash.northants.audit.police.v1"),
    ],
)
def test_a_kind_does_not_travel_where_the_table_does_not_put_it(partnership, kind, sender, topic):
    with pytest.raises(RejectedError, match="WRONG_TOPIC"):
        partnership.trusted.readers(kind, sender=sender, topic=topic)


def test_agreements_are_found_by_both_sides(partnership):
    assert [one.id for one in partnership.trusted.agreements(holder="police", requester="hub")] == ["NSCP-DSA-2026"]
    assert partnership.trusted.agreements(holder="hub", requester="police") == ()
