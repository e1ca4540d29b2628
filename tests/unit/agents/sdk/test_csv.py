"""CSV by a mapping file: the example of each sector, corrections, and files and mappings that are wrong."""

from pathlib import Path

import pytest

from agents.sdk.column_map import load_map
from broker.errors import RejectedError, UsageError
from tests.unit.agents.conftest import BY_SECTOR

CANARY = "Zanzibarcanary"
ROOT = Path(__file__).parents[4]
EXAMPLES = {
    "police": "missing-episodes",
    "health": "not-brought",
    "education": "attendance",
    "probation": "registrations",
}


def texts(read):
    return [item.text for record in read.records for item in record.items]


@pytest.fixture
def example(read):
    """Read a sector's own example."""

    def make(sector, **more):
        folder = ROOT / "agents" / sector / "examples" / "csv"
        name = EXAMPLES[sector]
        return read(folder / f"{name}.csv", sector, mapping=folder / f"{name}.toml", **more)

    return make


@pytest.fixture
def table(read, tmp_path):
    """Read CSV text of a force with a mapping of its columns; keyword arguments are the mapping's further lines."""

    def make(text, *lines, columns=(("A", "crime-justice.details/policeMarkerDetails"),), **more):
        mapping = tmp_path / "map.toml"
        named = "\n".join(f'"{left}" = "{right}"' for left, right in columns)
        mapping.write_text("\n".join(["dates = 'DD/MM/YYYY'", *lines, "[columns]", named]), encoding="utf-8")
        data = text if isinstance(text, bytes) else text.encode()
        return read(data, "police", mapping=mapping, **more)

    return make


# ---------------------------------------------------------------- the examples


def test_the_polices_example_is_read(example):
    read = example("police", source="missing-persons")
    assert [text for text in texts(read) if text.startswith("Missing")] == [
        "Missing episode on 30 October 2025. A return home interview was attended.",
        "Missing episode in February 2026. A return home interview was not attended.",
        "Missing episode in 2025. Whether a return home interview was attended is not recorded.",
    ]
    assert [one.key[2] for one in read.withdrawn] == ["personal.details/E-4", "crime-justice.details/E-4"]
    assert {record.subject.custodian_key for record in read.records} == {
        "missing-persons|P-1001",
        "missing-persons|P-1002",
    }
    assert [record.subject.partial_births for record in read.records if record.key[2] == "personal.details/E-3"] == [
        ("2011",)
    ]
    assert [(one.at, one.reason, one.understood) for one in read.rejected] == [("line 5", "DELETED", True)]


def test_healths_example_is_read(example):
    read = example("health")
    assert "Was not brought to an appointment (Paediatrics) in May 2026. No reason is recorded." in texts(read)
    restricted = {record.subject.custodian_key for record in read.records if record.subject.restricted}
    assert len(restricted) == 1
    assert read.rejected == ()


def test_educations_example_is_read(example):
    told = texts(example("education", source="school-mis"))
    assert (
        "Attendance in the school year 2024 to 2025: attended 91.5 per cent; unauthorised absence 2.5 per cent." in told
    )
    assert "1 suspension in the school year 2024 to 2025." in told
    assert "Plan: EHC plan." in told


def test_probations_example_is_read(example):
    read = example("probation", source="export")
    told = texts(read)
    assert any("Child concerns (RCCO). Since: 1 February 2026." in text and "no end is set" in text for text in told)
    assert not any("Child protection" in text for text in told)
    assert any(text.startswith("Risk of serious harm in the community: children: HIGH.") for text in told)
    assert [(one.at, one.reason) for one in read.flagged if one.reason == "ENDED"] == [("line 3/data/0", "ENDED")]
    assert {record.subject.restricted for record in read.records if "X990002" in str(record.subject.custodian_key)} == {
        True,
        False,
    }


def test_the_same_row_has_the_same_key_in_a_later_export(example):
    first, second = example("police", source="s"), example("police", source="s")
    assert [one.key for one in first.records] == [one.key for one in second.records]
    assert first.records[0].version.updated is not None


# ---------------------------------------------------------------- rows

PERSON = ("[person]", "key = 'P'")


@pytest.mark.parametrize("status", ["Entered in error", "VOID", "deleted", "Cancelled"])
def test_a_row_that_does_not_stand_is_withdrawn(table, status):
    read = table(f"P,Id,S,A\n1,R1,{status},Dog\n", *PERSON, "[record]", "id = 'Id'", "status = 'S'", source="s")
    assert (read.records, [one.key for one in read.withdrawn]) == ((), [("s", "csv", "crime-justice.details/R1")])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_with_a_mark_is_read(table, encoding):
    assert texts(table("P,A\n1,Zoë’s dog\n".encode(encoding), *PERSON)) == ["Police marker: Zoë’s dog."]


@pytest.mark.parametrize(("delimiter", "mark"), [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|")])
def test_each_delimiter_is_read(table, delimiter, mark):
    text = f'P{mark}A\n1{mark}"Dog{mark} ""big""\nblack"\n'
    assert texts(table(text, f"delimiter = '{delimiter}'", *PERSON)) == [f'Police marker: Dog{mark} "big"\nblack.']


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("30/10/2025", "on 30 October 2025"),
        ("3/1/2025 10:30", "on 3 January 2025"),
        ("10/2025", "in October 2025"),
        ("2025", "in 2025"),
        ("31/02/2025", "without a date"),
        ("2025-10-30", "on 30 October 2025"),
        ("soon", "without a date"),
    ],
)
def test_dates_are_read_as_the_mapping_says(table, cell, expected):
    columns = [("A", "crime-justice.details/missingEpisodes/*/date")]
    read = table(f"P,A\n1,{cell}\n", *PERSON, columns=columns)
    assert expected in texts(read)[0]
    assert [one.at for one in read.flagged] == (
        ["line 2/missingEpisodes/0/date"] if expected == "without a date" else []
    )


def test_lists_take_several_columns_and_several_places(table):
    columns = [
        ("A", "crime-justice.details/servicesKnownTo/*"),
        ("B", "crime-justice.details/servicesKnownTo/*"),
        ("C", "crime-justice.details/missingEpisodes/0/date"),
        ("D", "crime-justice.details/missingEpisodes/1/date"),
    ]
    read = table("P,A,B,C,D\n1,Police,School,1/1/2025,2/1/2025\n", *PERSON, columns=columns)
    assert len(texts(read)) == 4


def test_a_row_of_other_columns_is_rejected_alone_and_a_row_of_nobody_too(table):
    read = table("P,A\n1,Dog,x\n2\n,Dog\n\n3,Dog\n", *PERSON)
    assert [(one.at, one.reason) for one in read.rejected] == [
        ("line 2", "WRONG_COLUMNS"),
        ("line 3", "WRONG_COLUMNS"),
        ("line 4", "NO_SUBJECT"),
    ]
    assert len(read.records) == 1


def test_columns_that_the_mapping_does_not_name_are_counted_by_no_persons_name(table):
    read = table(f"P,A,shoes,{CANARY} of Robin,{CANARY}\n1,Dog,red,x,y\n", *PERSON)
    assert dict(read.ignored) == {"/shoes": 1, "/*": 2}


# ---------------------------------------------------------------- files and mappings that are wrong


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "MISSING_COLUMNS"),
        (b"P,A,A\n1,2,3\n", "NO_HEADER"),
        (b"P\n1\n", "MISSING_COLUMNS"),
        (b'P,A\n1,"never closed\n', "NOT_CSV"),
        (b"P,A\n1,\xff\n", "NOT_TEXT"),
        (b'P,A\n1,"' + b"x" * 200_000 + b'"\n', "NOT_CSV"),
    ],
)
def test_a_table_that_cannot_be_read_is_rejected_whole(table, data, reason):
    with pytest.raises(RejectedError) as raised:
        table(data, *PERSON)
    assert raised.value.reason == reason


def test_a_cell_that_nothing_can_hold_is_flagged(table):
    read = table("P,A\n1,Dog\x00\n2,Cat\n", *PERSON)
    assert [(one.at, one.reason) for one in read.flagged] == [("line 2", "UNREADABLE_TEXT")]
    assert texts(read) == ["Police marker: Cat."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns is empty"),
        ("[columns]\nA = 'personal.details/shoeSize'", "does not read"),
        ("[columns]\nA = 'personal.details'", "names no record type"),
        ("[columns]\nA = 'offender/surname'", "names no record type"),
        ("[columns]\nA = 7", "names no record type"),
        ("colour = 'red'\n[columns]\nA = 'niche/sui'", "unknown key colour"),
        ("[person]\nname = 'x'\n[columns]\nA = 'niche/sui'", "unknown key person.name"),
        ("delimiter = ';'\n[columns]\nA = 'niche/sui'", "delimiter is one of"),
        ("dates = 'DD/MM'\n[columns]\nA = 'niche/sui'", "DD, MM and YYYY"),
        ("nothing = 'x'\n[columns]\nA = 'niche/sui'", "list of words"),
        ("columns = 3", "columns is no table"),
        ("[[[", "cannot be read"),
    ],
)
def test_an_unsound_mapping_is_the_commands_mistake(tmp_path, text, said):
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        load_map(path, BY_SECTOR["police"].readers)
