"""The release table: it says what was reviewed, and nothing unknown loads."""

import pytest

from agents.police import agent
from agents.sdk.dfe import PERSONAL_DETAILS
from agents.sdk.mapping.release_table import IndexRow, ReleaseRow, load_release
from broker.errors import UsageError
from schemas.vocabulary import DataClass, ItemKind, Onward

GOOD = 'releases = "MARKER"\nclass = "CRIMINAL"\nkind = "FACT_RECORDED"\nreads = "TEXT"\n'


@pytest.fixture
def load(tmp_path):
    def load_text(*texts):
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"table-{number}.toml")
            paths[-1].write_text(text)
        return load_release(*paths)

    return load_text


def row(body, pointer="/x"):
    return f'["record"."{pointer}"]\n{body}'


def test_a_row_says_everything_an_item_needs(load):
    held = load(row(GOOD)).records["record"]["/x"]
    assert isinstance(held, ReleaseRow)
    assert (held.type, held.data_class, held.kind) == ("MARKER", DataClass.CRIMINAL, ItemKind.FACT_RECORDED)
    assert held.onward is Onward.MASH_ONLY
    assert not any((held.flagged, held.third_party, held.location, held.statutory_bar))


def test_an_index_row_releases_nothing(load):
    table = load(row('index = "GIVEN_NAMES"'))
    assert isinstance(table.records["record"]["/x"], IndexRow)
    assert table.released() == frozenset()
    assert table.data_classes == frozenset()


def test_a_stricter_class_by_content_is_one_of_the_tables_classes(load):
    table = load(row(GOOD + 'class_by_content = [{ words = ["x"], class = "SPECIAL" }]'))
    assert table.data_classes == {DataClass.CRIMINAL, DataClass.SPECIAL}


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace("CRIMINAL", "CRIMNAL"),
        GOOD.replace("FACT_RECORDED", "FACT"),
        GOOD.replace('"TEXT"', '"WORDS"'),
        GOOD.replace('reads = "TEXT"\n', ""),
        GOOD.replace("MARKER", "a marker"),
        GOOD.replace('class = "CRIMINAL"\n', ""),
        GOOD + 'clas = "SPECIAL"',
        GOOD + "flagged = 1",
        GOOD + 'dated_by = "date"',
        GOOD + 'dated_by = ""',
        GOOD + 'concerns = "name"',
        GOOD + 'dsar_hint = "SOMETHING"',
        GOOD + 'onward = "EVERYBODY"',
        GOOD + 'class_by_content = [{ words = [], class = "SPECIAL" }]',
        GOOD + 'class_by_content = [{ words = ["x"], class = "NONE" }]',
        GOOD + 'class_by_content = [{ word = ["x"], class = "SPECIAL" }]',
        GOOD + 'index = "SEX"',
        'index = "SHOE_SIZE"',
        'index = "SEX"\nreads = "TEXT"',
    ],
)
def test_a_table_that_says_anything_unknown_does_not_load(load, body):
    with pytest.raises(UsageError, match=r"table-0\.toml: record/x: "):
        load(row(body))


@pytest.mark.parametrize("pointer", ["x", "", "/", "/x//y", "/x y"])
def test_a_row_stands_under_a_json_pointer(load, pointer):
    with pytest.raises(UsageError):
        load(row(GOOD, pointer))


def test_what_is_no_toml_does_not_load(load):
    with pytest.raises(UsageError):
        load("[")
    with pytest.raises(UsageError):
        load('"record" = 1')


def test_two_tables_may_not_both_speak_for_one_record_type(load):
    with pytest.raises(UsageError, match="two tables"):
        load(row(GOOD), row(GOOD))


def test_the_police_tables_are_the_reviewed_reading():
    table = load_release(PERSONAL_DETAILS.table, agent.AGENT.examples()[0].parent.parent / "release.toml")
    released = {
        (record, pointer): (held.type, held.data_class.value, held.kind.value, held.third_party, held.location)
        for record, rows in table.records.items()
        for pointer, held in rows.items()
        if isinstance(held, ReleaseRow)
    }
    fact, opinion, told, other = "FACT_RECORDED", "PROFESSIONAL_OPINION", "SELF_REPORT", "REPORTED_BY_OTHER"
    crime = {
        "/policeMarkerDetails": ("MARKER", "CRIMINAL", fact, False, False),
        "/servicesKnownTo/*": ("KNOWN_TO_SERVICE", "ORDINARY", fact, False, False),
        "/lastPoliceProtectionPowerEvent": ("POLICE_PROTECTION", "ORDINARY", fact, False, False),
        "/missingEpisodes/*": ("MISSING_EPISODE", "ORDINARY", fact, False, False),
        "/riskSexualExploitation": ("EXPLOITATION_RISK", "SPECIAL", opinion, False, False),
        "/riskRadicalisation": ("EXPLOITATION_RISK", "SPECIAL", opinion, False, False),
        "/riskModernSlaveryAndTrafficking": ("EXPLOITATION_RISK", "ORDINARY", opinion, False, False),
        "/riskCriminalExploitation": ("EXPLOITATION_RISK", "CRIMINAL", opinion, False, False),
        "/riskGangsAndYouthViolence": ("EXPLOITATION_RISK", "CRIMINAL", opinion, False, False),
        "/crimeActiveStatusesAndPlans/*": ("CRIMINAL_STATUS", "CRIMINAL", fact, False, False),
    }
    person = {
        "/dateOfDeath": ("DEATH", "ORDINARY", fact, False, False),
        "/deceased": ("DEATH", "ORDINARY", fact, False, False),
        "/ethnicity": ("PERSONAL_NEED", "SPECIAL", told, False, False),
        "/braille": ("PERSONAL_NEED", "SPECIAL", told, False, False),
        "/signLanguage": ("PERSONAL_NEED", "SPECIAL", told, False, False),
        "/makaton": ("PERSONAL_NEED", "SPECIAL", told, False, False),
        "/firstLanguage": ("PERSONAL_NEED", "ORDINARY", told, False, False),
        "/interpreter": ("PERSONAL_NEED", "ORDINARY", told, False, False),
        "/address": ("HOUSEHOLD", "THIRD_PARTY", other, False, True),
        "/namesOfIndividualsResidingAtMainAddress/*": ("HOUSEHOLD", "THIRD_PARTY", other, False, True),
        "/relatedPeople/*": ("RELATED_PERSON", "THIRD_PARTY", other, False, False),
        "/relatedPeople/*/risk/*": ("RELATED_PERSON_RISK", "CRIMINAL", other, True, False),
    }
    expected = {("crime-justice.details", pointer): said for pointer, said in crime.items()}
    expected |= {("personal.details", pointer): said for pointer, said in person.items()}
    assert released == expected
    assert agent.AGENT.data_classes == {
        DataClass.ORDINARY,
        DataClass.CRIMINAL,
        DataClass.SPECIAL,
        DataClass.THIRD_PARTY,
    }
