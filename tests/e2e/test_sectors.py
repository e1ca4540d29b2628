"""The samples, each in its sector's real format, invented and published, asked about by the real command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sample_files import SETS, Samples, present

SECTORS = ("police", "health", "education", "probation")
IMPORTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("police", ("--verified-identifiers",), ("dfe_sui/custodians/police-*", "dfe_sui/records/Crime*")),
    ("police", (), ("dfe_sui/records/Niche*", "dfe_sui/custodians/local-authority-*", "dfe_sui/custodians/housing-*")),
    ("health", ("--verified-identifiers",), ("dfe_sui/custodians/health-*", "dfe_sui/records/Health*")),
    ("health", (), ("fhir_r4/*", "nhs_pds/*", "dfe_sui/records/SystmOne*")),
    ("education", ("--verified-identifiers",), ("dfe_sui/custodians/education-*", "dfe_sui/records/Education*")),
    ("education", (), ("dfe_sui/records/Arbor*", "dfe_ssda903/missing.csv", "dfe_sui/custodians/faux-*")),
    ("probation", ("--person", "crn={crn}"), ("hmpps_probation/*",)),
)
"""Every sample of the four sectors into the organisation that would hold it, and some that it cannot read."""
TELLS = {"file", "format", "people", "records", "rejected", "flagged", "ignored_fields"}
CLASSES = ["ORDINARY", "SPECIAL", "CRIMINAL", "CONFIDENTIAL_HEALTH"]
STRANGER = {
    "ref": "p1",
    "roles": ["SUBJECT_CHILD"],
    "given_names": ["Nobody"],
    "family_name": "Elsewhere",
    "date_of_birth": "2012-01-02",
}


@pytest.fixture(scope="module", params=SETS, ids=lambda one: one.name)
def samples(request: pytest.FixtureRequest) -> Samples:
    """Sample files in the agencies' formats: the invented twins, and the published ones where they are here."""
    return present(request.param)


@pytest.fixture
def child(samples: Samples) -> dict[str, Any]:
    """The samples' child, as a request asks about one."""
    given, family, born, nhs = samples.child.values()
    named = {"given_names": [given], "family_name": family, "date_of_birth": born}
    return STRANGER | named | {"identifiers": {"nhs": nhs}}


@pytest.fixture(scope="module")
def sectors(
    samples: Samples, mash: Any, world_at: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """A HOME of the four sectors where nobody looks first; nothing is imported yet."""
    home = tmp_path_factory.mktemp("sectors") / "home"
    made = mash("init", home, "--review", "none", "--json")
    assert made.code == 0, made.err
    assert tuple(made.document["organisations"]) == SECTORS
    return world_at(home)


@pytest.fixture(scope="module")
def imported(samples: Samples, sectors: Any) -> list[tuple[str, tuple[Path, ...], Any]]:
    """What each command of `IMPORTS` said of its files."""
    ran = []
    for organisation, options, patterns in IMPORTS:
        files = tuple(sorted(path for pattern in patterns for path in samples.folder.glob(pattern)))
        assert files, patterns
        words = [word.format(crn=samples.case["crn"]) for word in options]
        done = sectors.mash("records", "import", sectors.home, organisation, *files, *words, "--json")
        ran.append((organisation, files, done))
    return ran


@pytest.fixture(scope="module")
def running(sectors: Any, imported: Any) -> Iterator[Any]:
    """The same, with everything imported and running."""
    with sectors.up(sectors.mash, sectors.home):
        yield sectors


def ask(world: Any, *agencies: str, **changes: Any) -> dict[str, Any]:
    """Ask, wait, and return the answers."""
    form = world.request("ask.json", agencies=list(agencies), data_classes=CLASSES, **changes)
    ran = world.mash("request", world.home, "--file", form, "--wait", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["complete"] is True
    answers = ran.document["answers"]
    assert isinstance(answers, dict)
    return answers


def nobody_is_held(answer: dict[str, Any]) -> bool:
    """NO_TRACE where all that came was read; PARTIAL beside a gap, as what was not read may be about the child."""
    nobody = answer["match"]["certainty"] == "NONE" and not answer["items"]
    return nobody and answer["status"] == ("PARTIAL" if answer["gaps"] else "NO_TRACE")


def test_every_sample_file_is_accounted_for(imported: list[tuple[str, tuple[Path, ...], Any]]) -> None:
    """Exit 0 or 1, never a traceback; each file is told of once, in order, and each rejection has its place."""
    for organisation, files, ran in imported:
        assert ran.err == ""
        document = ran.document
        assert document["org"] == organisation
        assert [one["file"] for one in document["files"]] == [str(path) for path in files]
        assert all(set(one) >= TELLS for one in document["files"])
        rejected = [where for one in document["files"] for where in one["rejected"]]
        assert ran.code == (1 if rejected else 0)
        flagged = [where for one in document["files"] for where in one["flagged"]]
        assert all(set(where) >= {"at", "reason"} for where in rejected + flagged)
        assert any(one["records"] for one in document["files"]), "something of it is real"
        for one in document["files"]:
            says_why = one["rejected"] or one["gaps"] or one["passed_over"]
            assert one["records"] or says_why, "a file of which nothing was taken says why"


def test_no_account_shows_a_value(samples: Samples, imported: list[tuple[str, tuple[Path, ...], Any]]) -> None:
    """Places are pointers and reasons are words: no name, number or text of the samples is in what is printed."""
    people = (samples.child, *samples.infants, samples.case)
    values = {value for person in people for value in person.values()} | set(samples.texts)
    for _, _, ran in imported:
        printed = "".join(line for line in ran.out.splitlines() if '"file"' not in line)
        assert [value for value in values if value in printed] == []


def test_a_file_that_names_nobody_needs_a_person(samples: Samples, sectors: Any, imported: Any) -> None:
    file = samples / "hmpps_probation/GetSupervisionsResponse.json"
    ran = sectors.mash("records", "import", sectors.home, "probation", file, "--json")
    assert ran.code == 1
    [rejected] = ran.document["files"][0]["rejected"]
    assert (rejected["at"], rejected["reason"], rejected["count"]) == ("", "NO_SUBJECT", 1)


def test_three_sectors_hold_the_sample_child_and_probation_does_not(running: Any, child: dict[str, Any]) -> None:
    answers = ask(running, *SECTORS, people=[child])
    for name in ("police", "health", "education"):
        answer = answers[name]
        assert answer["status"] in {"SUMMARY", "PARTIAL"}, name
        assert answer["items"], name
        assert answer["match"]["certainty"] == "AUTO"
        assert "nhs" in answer["match"]["identifiers_used"]
        assert {item["about"] for item in answer["items"]} == {"p1"}
        assert {item["data_class"] for item in answer["items"]} <= set(CLASSES)
    assert "MISSING_EPISODE" in {item["type"] for item in answers["police"]["items"]}
    assert any(item["data_class"] == "CONFIDENTIAL_HEALTH" for item in answers["health"]["items"])
    assert answers["probation"]["items"] == []
    assert nobody_is_held(answers["probation"])


def test_the_same_number_under_another_date_of_birth_is_uncertain(running: Any, child: dict[str, Any]) -> None:
    """A number mistyped into another child's: police hold no date of birth, but were asked under another before."""
    assert ask(running, "police", people=[child])["police"]["items"]
    answer = ask(running, "police", people=[child | {"date_of_birth": "2012-01-02"}])["police"]
    assert (answer["status"], answer["items"]) == ("MATCH_UNCERTAIN", [])
    assert ask(running, "police", people=[child])["police"]["items"], "the first stays as it was"


def test_nobody_holds_a_child_of_whom_nothing_was_imported(running: Any) -> None:
    answers = ask(running, *SECTORS, people=[STRANGER])
    assert {name for name, one in answers.items() if nobody_is_held(one)} == set(SECTORS)


def test_twins_are_not_told_apart_by_family_name_and_birth(running: Any, samples: Samples) -> None:
    """Which of the two infants it is is for a person to say; neither's record leaves."""
    infant = samples.infants[0]
    named = {"family_name": infant["family"], "date_of_birth": infant["born"]}
    twin = STRANGER | named | {"given_names": ["Sasha"]}
    answer = ask(running, "health", people=[twin])["health"]
    assert (answer["status"], answer["items"]) == ("MATCH_UNCERTAIN", [])
    assert (answer["match"]["certainty"], answer["match"]["method"]) == ("REVIEW", "NONE")


def test_amber_without_agreement_is_referred(sectors: Any, child: dict[str, Any]) -> None:
    form = sectors.request(
        "amber.json", purpose="MASH_SCREENING", rating="AMBER", section="S17", people=[child], no_consent_reason=None
    )
    ran = sectors.mash("gate", "explain", sectors.home, "--file", form, "--as", "hub", "--json")
    assert (ran.code, ran.document["outcome"]) == (1, "REFER")
    assert {"rows", "reasons", "missing_evidence", "table_version", "table_hash"} <= set(ran.document)


def test_red_is_a_managers_to_set(sectors: Any, child: dict[str, Any]) -> None:
    """Denied when explained, and denied in earnest: no answer, and nothing on any organisation's topic."""
    form = sectors.request(
        "worker.json",
        requester={"actor": "sw-014", "role": "MASH_SOCIAL_WORKER"},
        people=[child],
        agencies=["police"],
    )
    ran = sectors.mash("gate", "explain", sectors.home, "--file", form, "--as", "hub", "--json")
    assert (ran.code, ran.document["outcome"]) == (1, "DENY")
    assert ran.document["reasons"]
    sent = sectors.mash("request", sectors.home, "--file", form, "--json")
    assert (sent.code, sent.document["hub_decision"]["outcome"], sent.document["answers"]) == (1, "DENY", {})
