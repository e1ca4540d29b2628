"""FHIR files: what is no record is rejected with a word, nothing misshapen raises, and the samples."""

import json
from datetime import date

import pytest

from agents.health.agent import AGENT
from agents.sdk.format import FileTerms
from broker.holder.identify import NoTrace, Uncertain
from schemas.vocabulary import IdentifierScheme

CANARY = "Zanzibarcanary"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
BOUND = {IdentifierScheme.NHS: "9990000018"}


def number(value, **more):
    return {"system": NHS, "value": value} | more


def reasons(account):
    return [(one.at, one.reason) for one in account.rejected]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"resourceType": "OperationOutcome", "issue": [{"details": {"coding": [{"code": CANARY}]}}]},
            "OPERATION_OUTCOME",
        ),
        ({"resourceType": "OperationOutcome"}, "OPERATION_OUTCOME"),
        ({"resourceType": "Bundle", "type": "history"}, "UNKNOWN_BUNDLE"),
        ({"resourceType": "Bundle", "type": "searchset", "entry": [1]}, "WRONG_SHAPE"),
        ({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": CANARY}]}, "WRONG_SHAPE"),
        ({"resourceType": CANARY}, "UNKNOWN_RECORD_TYPE"),
    ],
)
def test_what_is_no_record_is_rejected_with_a_word(take_in, document, expected):
    (account,) = take_in(document)
    assert ([one.reason for one in account.rejected], account.records) == ([expected], 0)
    assert CANARY not in repr(account)


def test_practitioners_and_organisations_are_only_counted(take_in, bundle, patient):
    (account,) = take_in(bundle(patient(), {"resourceType": "Practitioner", "id": "p"}))
    assert account.rejected == ()
    assert dict(account.passed_over) == {"Practitioner": 1}


def _mangled(value):
    """Every document that is this one with one part replaced by something of another kind."""
    yield from (CANARY, [CANARY], {CANARY + " x": CANARY}, 7, True)
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        for other in _mangled(part):
            yield {**value, key: other} if isinstance(value, dict) else [*value[:key], other, *value[key + 1 :]]


def test_nothing_misshapen_raises_and_no_value_is_in_a_complaint(bundle, patient, clinical):
    number_of_status = number("9990000018", use="old", extension=[{"url": "x", "valueCodeableConcept": {"coding": []}}])
    link = {"type": "replaces", "other": {"identifier": number("9990000026")}}
    visit = clinical("Encounter", ident="e", period={"start": "2020-01-01"}) | {"class": {"code": "EMER"}}
    mother = {"resourceType": "RelatedPerson", "id": "m", "patient": {"reference": "Patient/robin"}}
    mother |= {"name": [{"given": ["Julia"]}], "relationship": [{"text": "Mother"}]}
    whole = bundle(
        patient(identifier=[number_of_status], link=[link]),
        clinical(onsetPeriod={"start": "2020-01-01"}),
        clinical("Flag", ident="f", code={"text": "Dog"}, period={"start": "2020-01-01"}),
        visit,
        mother,
    )
    terms = FileTerms(sector=AGENT.sector, digest="0", bound=(), verified_identifiers=False, today=date(2026, 11, 20))
    tried = 0
    for document in _mangled(whole):
        if not AGENT.formats[0].recognises(document, AGENT.readers, asked_for=False):
            continue
        read = AGENT.formats[0].read(document, terms=terms, readers=AGENT.readers)
        assert CANARY not in repr((read.rejected, read.flagged, read.ignored))
        assert CANARY not in repr([record.ignored for record in read.records])
        tried += 1
    assert tried > 400


# ---------------------------------------------------------------- the samples, invented and published


def test_every_patient_of_the_demographics_service_is_taken_in_with_a_full_account(take_in, samples):
    paths = sorted((samples / "nhs_pds").glob("*.json"))
    accounts = dict(zip([path.name for path in paths], take_in(*paths), strict=True))
    assert len(accounts) > 25
    outcome = accounts.pop("TOO_MANY_MATCHES.json")
    assert (reasons(outcome), outcome.records) == ([("", "TOO_MANY_MATCHES")], 0)
    for path in paths:
        if path.name == "TOO_MANY_MATCHES.json":
            continue
        document, account = json.loads(path.read_text()), accounts[path.name]
        resources = [document] if document["resourceType"] != "Bundle" else [e["resource"] for e in document["entry"]]
        assert (account.format, account.rejected) == ("fhir", ())
        assert account.records == len(resources)
        assert account.people == (1 if path.name.startswith("related_person") else len(resources))
        dead = sum("deceasedDateTime" in one for one in resources)
        assert [one.reason for one in account.flagged].count("DECEASED") == dead
        assert {one.reason for one in account.flagged} <= {"DECEASED", "CONFLICTING_BIRTH_DATES", "INVALID_CHECK"}
        assert len(account.ignored_fields) < 40


async def test_a_sensitive_sample_patient_is_restricted(take_in, store, asked, samples):
    take_in(samples / "nhs_pds/Sensitive_PatientSearch.json", samples / "nhs_pds/Patient.json")
    (sensitive,) = await store.find(asked(**samples.restricted))
    (plain,) = await store.find(asked(**samples.patient))
    assert (sensitive.restricted, sensitive.postcodes) == (True, ())
    assert (plain.restricted, plain.postcodes) == (False, (samples.patient_postcode,))


async def test_a_search_result_of_many_is_as_many_people(take_in, outcome, asked, samples):
    path = samples / "nhs_pds/postalcode_wildcard_searchset.json"
    (account,) = take_in(path)
    assert account.people == len(json.loads(path.read_text())["entry"]) > 2


async def test_the_infant_twins_are_never_mistaken_for_each_other(take_in, outcome, asked, samples):
    paths = [samples / "fhir_r4" / f"Patient-infant-twin-{n}.json" for n in (1, 2)]
    assert [account.people for account in take_in(*paths)] == [1, 1]
    for person, ref in zip(samples.infants, ("p1", "p2"), strict=True):
        found = await outcome(asked(**person, ref=ref))
        assert isinstance(found, Uncertain)
        assert len(found.candidates) == 2


@pytest.mark.parametrize("held", [1, 2])
async def test_with_only_one_twin_held_the_other_is_never_certain(take_in, outcome, asked, samples, held):
    take_in(samples / "fhir_r4" / f"Patient-infant-twin-{held}.json")
    other = samples.infants[2 - held]
    assert isinstance(await outcome(asked(**other)), Uncertain)
    assert isinstance(await outcome(asked("Ben", "Organa", "2016-05-15")), NoTrace)


def test_every_clinical_sample_names_nobody_until_it_is_bound(take_in, samples):
    paths = [path for path in sorted((samples / "fhir_r4").glob("*.json")) if not path.name.startswith("Patient")]
    assert len(paths) == 9
    assert all(reasons(account) == [("", "NO_SUBJECT")] for account in take_in(*paths))
    bound = take_in(*paths, bindings=BOUND)
    assert all((one.people, one.records, one.rejected, one.flagged) == (1, 1, (), ()) for one in bound)
