"""The probation agent over HMPPS's samples: every file is read with a full account, or rejected."""

import pytest

from broker.holder.identify import Known

READ = {
    "GetAccessLimitationsResponse.json": ("access-limitations", 0),
    "GetAddressesResponse.json": ("addresses", 1),
    "GetNeedsResponse.json": ("needs", 1),
    "GetOffenderResponse.json": ("offender", 0),
    "GetRisksResponse.json": ("risks", 1),
    "GetSupervisionsResponse.json": ("supervisions", 12),
    "SupervisionsResponse.json": ("supervisions", 3),
    "person-probation-information": ("case-details", 1),
    "person-risk-dynamic": ("registrations", 1),
    "person-risk-mappadetail": ("mappa", 0),
    "person-risk-scores-v1.json": ("scores", 5),
    "person-risk-serious-harm": ("risks", 1),
    "person-status-information": ("registrations", 1),
}


@pytest.fixture
def folder(samples):
    return samples / "hmpps_probation"


@pytest.fixture
def crn(samples):
    return samples.case["crn"]


@pytest.fixture
def of_the_case(store, take_in, folder, samples, crn, sought, outcome):
    """What one sample answer tells of the person of the sample's offender answer."""

    async def items(*names):
        take_in(folder / "GetOffenderResponse.json", *(folder / name for name in names), crn=crn)
        found = await outcome(sought(**samples.case))
        assert isinstance(found, Known)
        return found, (await store.look_up(found.record_id)).items

    return items


def test_every_sample_is_read_or_rejected_with_a_word(take_in, folder, crn):
    paths = sorted(folder.iterdir())
    accounts = dict(zip((path.name for path in paths), take_in(*paths, crn=crn), strict=True))
    assert {name: one.format for name, one in accounts.items() if not one.rejected} == {
        name: format_name for name, (format_name, _) in READ.items()
    }
    assert all(accounts[name].people == 1 and accounts[name].records == 1 for name in READ)
    others = {name: [(r.at, r.reason) for r in one.rejected] for name, one in accounts.items() if name not in READ}
    assert set(others) == {
        *("openapi-specs-assess-risks-and-needs.json", "openapi-specs-ndelius.json"),
        *("prismMocks-assess-risks-and-needs.json", "prismMocks-ndelius.json"),
    }
    assert all(reasons == [("", "UNKNOWN_FORMAT")] for reasons in others.values())


def test_without_a_person_only_the_offender_goes_in(take_in, folder):
    accounts = take_in(*(folder / name for name in READ), crn=None)
    taken = [name for name, one in zip(READ, accounts, strict=True) if not one.rejected]
    assert taken == ["GetOffenderResponse.json"]
    reasons = {r.reason for one in accounts for r in one.rejected}
    assert reasons == {"NO_SUBJECT"}


@pytest.mark.parametrize("name", READ)
async def test_each_sample_tells_what_it_holds_and_no_placeholder(of_the_case, name):
    _, items = await of_the_case(name)
    assert len(items) == READ[name][1]
    texts = " ".join(item.text for item in items)
    assert "string" not in texts
    assert "2147483648" not in texts


async def test_the_access_limitation_withholds_the_person(of_the_case):
    found, _ = await of_the_case()
    assert not found.restricted
    found, _ = await of_the_case("GetAccessLimitationsResponse.json")
    assert found.restricted


async def test_risk_to_children_reads_alike_in_both_shapes(of_the_case):
    first = "Risk of serious harm in the community: children: HIGH; known adult: HIGH; public: HIGH; "
    for answer in ("GetRisksResponse.json", "person-risk-serious-harm"):
        _, items = await of_the_case(answer)
        assert [item.text.startswith(first) for item in items] == [True]


def test_the_account_counts_what_is_never_read(take_in, folder, crn):
    (account,) = take_in(folder / "GetRisksResponse.json", crn=crn)
    assert dict(account.ignored_fields) == {"/otherRisks": 1, "/riskToSelf": 1, "/summary/riskInCustody": 1}
    (account,) = take_in(folder / "person-risk-mappadetail", crn=crn)
    assert {one.reason for one in account.flagged} == {"PLACEHOLDER"}


def test_the_police_numbers_fail_their_check_and_the_person_is_kept(take_in, folder):
    (account,) = take_in(folder / "GetOffenderResponse.json", crn=None)
    wrong = {one.at for one in account.flagged if one.reason == "INVALID_CHECK"}
    assert wrong == {"/otherIds/pncNumber", "/otherIds/croNumber"}
    assert account.people == 1
