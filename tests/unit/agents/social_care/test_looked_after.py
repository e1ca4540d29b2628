"""The return of children looked after: episodes by their ends, what each table tells, and what is passed over."""

import pytest

EPISODE = {"CHILD": "EX000001", "DECOM": "05/06/2021", "LS": "V2", "PLACE": "U6"}


async def of_type(told, kind):
    return [item for item in told if item.type == kind]


@pytest.mark.parametrize(
    ("fields", "text", "date", "flagged"),
    [
        ({}, "since 5 June 2021, no end recorded", "2021-06-05", True),
        ({"DEC": "31/12/9999"}, "since 5 June 2021, no end recorded", "2021-06-05", True),
        ({"DEC": "20/07/2021"}, "from 5 June 2021 to 20 July 2021", "2021-07-20", False),
        ({"DEC": "99/99/2021"}, "from 5 June 2021 to date not readable", None, False),
    ],
)
async def test_an_episode_of_care_is_told_with_its_end(told, table, fields, text, date, flagged):
    (item,) = await of_type(await told(table("episodes", EPISODE | fields)), "LOOKED_AFTER")
    assert item.text.startswith(
        f"Looked after {text}. Legal status: accommodated under section 20. Placement: fostered."
    )
    assert (item.date and item.date.isoformat(), item.flagged) == (date, flagged)


async def test_how_care_ended_is_told_with_its_end(told, table):
    held = EPISODE | {"DEC": "20/07/2021", "REC": "E4A"}
    (item,) = await of_type(await told(table("episodes", held)), "LOOKED_AFTER")
    assert item.text.endswith("How it ended: returned home to parents or relatives, as planned.")


@pytest.mark.parametrize(
    ("fields", "data_class"),
    [
        ({"LS": "C2"}, "ORDINARY"),
        ({"LS": "J1"}, "CRIMINAL"),
        ({"LS": "J2"}, "CRIMINAL"),
        ({"PLACE": "R5"}, "CRIMINAL"),
        ({"DEC": "20/07/2021", "REC": "E9"}, "CRIMINAL"),
        ({"PLACE": "R2"}, "SPECIAL"),
        ({"PLACE": "K1"}, "ORDINARY"),
    ],
)
async def test_remand_and_custody_are_criminal_and_a_hospital_is_special(told, table, fields, data_class):
    (item,) = await of_type(await told(table("episodes", EPISODE | fields)), "LOOKED_AFTER")
    assert item.data_class.value == data_class


@pytest.mark.parametrize("reason", ["E11", "E12"])
async def test_an_adoption_record_is_barred(told, table, reason):
    held = EPISODE | {"DEC": "20/07/2021", "REC": reason}
    (item,) = await of_type(await told(table("episodes", held)), "LOOKED_AFTER")
    assert item.statutory_bar


async def test_where_a_child_is_placed_is_counted_and_never_told(take_in, told, table):
    held = table("episodes", EPISODE | {"HOME_POST": "ZE1 0AA", "PL_POST": "ZE9 9ZZ", "URN": "9990001"})
    (account,) = take_in(held)
    assert dict(account.ignored_fields) == {"/PL_POST": 1, "/URN": 1}
    assert not any("ZE" in item.text for item in await told(held))


@pytest.mark.parametrize(
    ("fields", "text", "flagged"),
    [
        ({"MISSING": "M", "MIS_END": "01/07/2021"}, "Missing from care from 30 June 2021 to 1 July 2021.", False),
        ({"MISSING": "A"}, "Away from placement without authorisation since 30 June 2021, no end recorded.", True),
        ({"MISSING": "?"}, "Missing or away from placement since 30 June 2021, no end recorded.", True),
    ],
)
async def test_a_missing_episode_is_told_with_its_end(told, table, fields, text, flagged):
    held = {"CHILD": "EX000001", "DOB": "04/03/2014", "MIS_START": "30/06/2021"} | fields
    (item,) = await of_type(await told(table("missing", held)), "MISSING_EPISODE")
    assert (item.text, item.flagged) == (text, flagged)


async def test_an_unaccompanied_child_is_special(told, table):
    held = {"CHILD": "EX000001", "SEX": "1", "DOB": "04/03/2014", "DUC": "04/03/2032"}
    (item,) = await of_type(await told(table("uasc", held)), "UNACCOMPANIED_CHILD")
    assert item.text == "Unaccompanied asylum-seeking child; the status ends: 4 March 2032."
    assert item.data_class.value == "SPECIAL"


async def test_the_tables_are_joined_by_the_authoritys_number(told, table):
    header = {"CHILD": "EX000001", "SEX": "2", "DOB": "04/03/2014", "ETHNIC": "WBRI", "UPN": "P999000000018"}
    items = await told(table("header", header), table("episodes", EPISODE))
    assert {item.type for item in items} == {"PERSONAL_NEED", "LOOKED_AFTER"}


async def test_next_years_file_brings_the_end_of_what_was_open(told, table):
    items = await told(table("episodes", EPISODE), table("episodes", EPISODE | {"DEC": "20/07/2021"}))
    (item,) = await of_type(items, "LOOKED_AFTER")
    assert "to 20 July 2021" in item.text


async def test_two_episodes_of_one_day_are_both_told(told, table):
    items = await told(table("episodes", EPISODE, EPISODE | {"PLACE": "K2"}))
    assert len(await of_type(items, "LOOKED_AFTER")) == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"CHILD,DECOM,DEC\r\nEX1,05/06/2021", "WRONG_SHAPE"),
        (b"CHILD,DECOM,DEC\r\nEX1,05/06/2021,,more", "WRONG_SHAPE"),
        (b"CHILD,DECOM,DEC\r\n,05/06/2021,", "NO_SUBJECT"),
        (b'CHILD,DECOM,DEC\r\n"EX1,05/06/2021,', "NOT_CSV"),
        (b"CHILD,DECOM,DEC\r\nEX\x001,05/06/2021,", "UNREADABLE_TEXT"),
        (b"CHILD,DECOM,DEC\r\n\xff,05/06/2021,", "NOT_TEXT"),
    ],
)
def test_a_row_that_is_not_its_tables_is_rejected(take_in, data, reason):
    """A value that stands under another column's name is worse than none."""
    (account,) = take_in(data)
    assert account.records == 0
    assert [one.reason for one in account.rejected] == [reason]


def test_a_table_is_read_in_the_encoding_of_its_mark(take_in, table):
    (account,) = take_in(table("episodes", EPISODE).decode().encode("utf-16"))
    assert (account.format, account.records) == ("ssda903", 1)


def test_a_table_that_is_none_of_the_return_is_not_read(take_in):
    (account,) = take_in(b"CHILD,SOMETHING\r\nEX1,2\r\n")
    assert [(one.at, one.reason) for one in account.rejected] == [("", "NOT_JSON")]


def test_every_sample_table_is_read_or_passed_over(take_in, samples):
    """What the return says of outcomes and reviews has no reviewed row: no record, and no rejection either."""
    paths = sorted((samples / "dfe_ssda903").iterdir())
    accounts = {path.stem: account for path, account in zip(paths, take_in(*paths), strict=True)}
    assert all((one.format, one.rejected) == ("ssda903", ()) for one in accounts.values())
    assert {name for name, one in accounts.items() if one.records} == {"header", "episodes", "missing", "uasc"}
    assert {one.reason for account in accounts.values() for one in account.flagged} <= {"INVALID_CHECK", "WRONG_FORM"}
