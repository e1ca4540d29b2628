"""The police agent: what its records say in words, the samples, and the acceptance case."""

import json
from datetime import date

import pytest
from pydantic import TypeAdapter

from agents.police.agent import AGENT
from broker.holder.identify import Known, NoTrace, Uncertain
from schemas.scalars import ShortText, Text
from schemas.vocabulary import DataClass, IdentifierScheme, MatchMethod, Sector


def test_the_agent_is_the_police():
    assert AGENT.sector is Sector.POLICE
    assert AGENT.schemes == (IdentifierScheme.NHS, IdentifierScheme.PNC, IdentifierScheme.CRO)


# ---------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"policeMarkerDetails": "Dog"}, [("MARKER", "CRIMINAL", "Police marker: Dog.")]),
        (
            {"servicesKnownTo": ["Police", "Youth justice service (YJS)", "Probation"]},
            [
                ("KNOWN_TO_SERVICE", "ORDINARY", "Known to: Police."),
                ("KNOWN_TO_SERVICE", "CRIMINAL", "Known to: Youth justice service (YJS)."),
                ("KNOWN_TO_SERVICE", "CRIMINAL", "Known to: Probation."),
            ],
        ),
        (
            {"lastPoliceProtectionPowerEvent": "2025-10-30"},
            [
                (
                    "POLICE_PROTECTION",
                    "ORDINARY",
                    "Police powers of protection (section 46, Children Act 1989) were last used on 30 October 2025.",
                )
            ],
        ),
        (
            {"lastPoliceProtectionPowerEvent": "last summer"},
            [
                (
                    "POLICE_PROTECTION",
                    "ORDINARY",
                    "Police powers of protection (section 46, Children Act 1989) were used, date not readable.",
                )
            ],
        ),
        ({"lastPoliceProtectionPowerEvent": "None"}, []),
        (
            {"missingEpisodes": [{"date": "2024-10-30", "returnedHomeInterviewAttended": True}]},
            [
                (
                    "MISSING_EPISODE",
                    "ORDINARY",
                    "Missing episode on 30 October 2024. A return home interview was attended.",
                )
            ],
        ),
        (
            {"missingEpisodes": [{"date": "2024-10-30", "returnedHomeInterviewAttended": None}]},
            [
                (
                    "MISSING_EPISODE",
                    "ORDINARY",
                    "Missing episode on 30 October 2024. Whether a return home interview was attended is not recorded.",
                )
            ],
        ),
        (
            {"missingEpisodes": [{"date": None, "returnedHomeInterviewAttended": False}]},
            [
                (
                    "MISSING_EPISODE",
                    "ORDINARY",
                    "Missing episode without a date. A return home interview was not attended.",
                )
            ],
        ),
        (
            {"crimeActiveStatusesAndPlans": [{"status": "Open to YJS", "plan": None}, {"status": None, "plan": "P"}]},
            [("CRIMINAL_STATUS", "CRIMINAL", "Status: Open to YJS."), ("CRIMINAL_STATUS", "CRIMINAL", "Plan: P.")],
        ),
    ],
)
async def test_what_a_record_says_in_words(items, take_in, police_file, crime, asked, fields, expected):
    take_in(police_file(crime({"policeMarkerDetails": None} | fields)), verified=True)
    told = await items(asked(nhs="9990000018"))
    assert [(item.type, item.data_class.value, item.text) for item in told] == expected


@pytest.mark.parametrize(
    ("field", "what", "data_class"),
    [
        ("riskSexualExploitation", "sexual exploitation", DataClass.SPECIAL),
        ("riskRadicalisation", "radicalisation", DataClass.SPECIAL),
        ("riskModernSlaveryAndTrafficking", "modern slavery and trafficking", DataClass.ORDINARY),
        ("riskCriminalExploitation", "criminal exploitation", DataClass.CRIMINAL),
        ("riskGangsAndYouthViolence", "gangs and youth violence", DataClass.CRIMINAL),
    ],
)
async def test_a_risk_is_an_opinion_of_the_last_five_years(
    items, take_in, police_file, crime, asked, field, what, data_class
):
    take_in(police_file(crime({"policeMarkerDetails": None, field: True})), verified=True)
    (risk,) = await items(asked(nhs="9990000018"))
    assert risk.text == f"Risk of {what} recorded within the last 5 years."
    assert (risk.type, risk.data_class, risk.kind.value) == ("EXPLOITATION_RISK", data_class, "PROFESSIONAL_OPINION")
    assert risk.flagged
    take_in(police_file(crime({"policeMarkerDetails": None, field: False})), verified=True)
    assert await items(asked(nhs="9990000018")) == ()


# ---------------------------------------------------------------- the invented family


async def test_the_example_family_tells_its_story(items, take_in, asked):
    (account,) = take_in(*AGENT.examples())
    assert (account.people, account.records, account.rejected, account.flagged) == (2, 3, (), ())
    told = await items(asked(nhs="9990000018", postcode="ZE1 0AA"))
    assert {item.type for item in told} == {
        *("MARKER", "KNOWN_TO_SERVICE", "POLICE_PROTECTION", "MISSING_EPISODE", "EXPLOITATION_RISK"),
        *("CRIMINAL_STATUS", "PERSONAL_NEED", "HOUSEHOLD", "RELATED_PERSON", "RELATED_PERSON_RISK"),
    }
    about_others = {item.text: item.concerns.family_name for item in told if item.concerns}
    assert about_others == {
        "Julia Testerton is said to live at the main address.": "Testerton",
        "Sam Sample is said to live at the main address.": "Sample",
        "Alex Testerton is said to live at the main address.": "Testerton",
        "Julia Testerton is recorded as: Birth mother.": "Testerton",
        "Sam Sample is recorded as: Partner of parent.": "Sample",
        "Risk recorded about Sam Sample (Partner of parent): Individual may resort to violent behaviour.": "Sample",
    }
    assert {item.text for item in told if item.location and not item.concerns} == {
        "Main address: 1 Invented Row, Exampleford, ZE1 0AA."
    }


async def test_every_item_fits_the_wire(items, take_in, asked):
    take_in(*AGENT.examples())
    for item in await items(asked(nhs="9990000018")):
        TypeAdapter(Text).validate_python(item.text)
        TypeAdapter(ShortText).validate_python(item.source)
        TypeAdapter(ShortText).validate_python(item.source_ref)


async def test_the_example_twins_are_told_apart(outcome, take_in, asked):
    take_in(*AGENT.examples())
    robin = await outcome(asked(nhs="9990000018"))
    alex = await outcome(asked("Alex", nhs="9990000026"))
    assert robin.record_id != alex.record_id
    assert isinstance(await outcome(asked("Alex", nhs="9990000018")), Uncertain)
    assert isinstance(await outcome(asked(postcode="ZE1 0AA")), Uncertain)


async def test_another_date_of_birth_is_unsure_where_the_force_holds_one(outcome, take_in, asked):
    take_in(*AGENT.examples(), verified=True)
    assert isinstance(await outcome(asked(nhs="9990000018")), Known)
    assert isinstance(await outcome(asked(born="2013-03-04", nhs="9990000018")), Uncertain)


def test_the_example_is_invented(take_in):
    document = json.loads(AGENT.examples()[0].read_text())
    assert all(record["personId"].startswith("999") for record in document["records"])
    assert "invented" in document["orgName"]


# ---------------------------------------------------------------- the samples, invented and published


async def test_the_acceptance_child_is_found_by_the_verified_number(store, take_in, samples, asked, outcome):
    (account,) = take_in(samples / "dfe_sui/custodians/police-01.json", verified=True)
    assert (account.people, account.records, account.rejected, account.flagged) == (1, 2, (), ())
    assert dict(account.ignored_fields) == {"/records/*/contactDetails": 1, "/records/*/recordLink": 1}
    found = await outcome(asked(**samples.child))
    assert found.match.method is MatchMethod.VERIFIED_IDENTIFIER
    assert found.match.identifiers_used == ("nhs",)
    told = (await store.look_up(found.record_id)).items
    counts = {kind: sum(item.type == kind for item in told) for kind in {item.type for item in told}}
    assert counts == {
        "MARKER": 2,
        "KNOWN_TO_SERVICE": 4,
        "MISSING_EPISODE": 1,
        "EXPLOITATION_RISK": 5,
        "CRIMINAL_STATUS": 2,
    }
    assert {item.source for item in told} == {"POLICE-SYSTEM-01", "POLICE-SYSTEM-02"}


async def test_without_the_switch_the_acceptance_child_is_unsure(outcome, take_in, samples, asked):
    take_in(samples / "dfe_sui/custodians/police-01.json")
    assert isinstance(await outcome(asked(**samples.child)), Uncertain)


async def test_another_child_is_no_trace(outcome, take_in, samples, asked):
    take_in(samples / "dfe_sui/custodians/police-01.json", verified=True)
    assert isinstance(await outcome(asked(**samples.other_child)), NoTrace)


async def test_a_bare_file_holds_nothing_that_another_date_of_birth_could_contradict(outcome, take_in, samples, asked):
    take_in(samples / "dfe_sui/custodians/police-01.json", verified=True)
    found = await outcome(asked(**samples.child | {"born": "2009-09-20"}))
    assert found.match.method is MatchMethod.VERIFIED_IDENTIFIER


@pytest.mark.parametrize("change", [{"year": 2009}, {"day": 21}, {"month": 1, "day": 1}])
async def test_beside_a_dated_record_another_date_of_birth_is_unsure(
    outcome, take_in, samples, police_file, personal, asked, change
):
    given, family, born, nhs = samples.child.values()
    dated = personal(given, family, born, person=nhs, reference="POL-3212-P")
    take_in(samples / "dfe_sui/custodians/police-01.json", police_file(dated), verified=True)
    assert (await outcome(asked(**samples.child))).match.method is MatchMethod.IDENTIFIER
    another = date.fromisoformat(born).replace(**change).isoformat()
    assert isinstance(await outcome(asked(given, family, another, nhs=nhs)), Uncertain)


def test_every_police_sample_is_read_or_rejected_with_a_word(take_in, samples):
    folder = samples / "dfe_sui"
    bare = {IdentifierScheme.NHS: "9449303223"}
    records = folder / "records"
    early, niche, crime, placeholder = (
        take_in(folder / "custodians/police-01.early.json")
        + take_in(records / "Niche_1111111111.json")
        + take_in(records / "CrimeDataProvider_9449303223_CrimeDataRecordV1.json", bindings=bare)
        + take_in(records / "CrimeDataProvider_9991234566_CrimeDataRecordV1.json", bindings=bare)
    )
    assert [(one.at, one.reason) for one in early.rejected] == [("/records/0/recordType", "UNKNOWN_RECORD_TYPE")]
    assert (niche.format, niche.people, niche.records) == ("niche", 1, 1)
    assert {(one.at, one.reason) for one in niche.flagged} == {("/sui", "PLACEHOLDER"), ("/nhsNumber", "PLACEHOLDER")}
    assert (crime.format, crime.people, crime.rejected) == ("crime-justice.details", 1, ())
    assert [(one.at, one.reason) for one in placeholder.flagged] == [("/lastPoliceProtectionPowerEvent", "PLACEHOLDER")]


def test_no_other_sectors_sample_gets_into_a_police_store(take_in, samples):
    folder = samples / "dfe_sui"
    others = [path for path in sorted(folder.glob("custodians/*.json")) if not path.name.startswith("police")]
    shapes = [folder / "records" / f"{name}_1111111111.json" for name in ("Arbor", "Mosaic", "SystmOne")]
    accounts = take_in(*others, *shapes, folder / "records/record-templates.json")
    assert all(account.records == 0 and account.rejected for account in accounts)
