"""README.md says what the code does: its tables, its words, its numbers and its examples are checked against it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.exchange.directory_form import MOST_AHEAD
from broker.exchange.envelope import LIFETIME, derived_id, envelope_digest, pad, part_hash, request_id_at
from broker.exchange.public_file import PublicFile
from broker.ports import MAX_VALUE_BYTES
from schemas.codec import FILES, MODELS, encode
from schemas.exchange import MOST_PARTS, MOST_READERS, Content, Envelope
from schemas.scalars import RESERVED_IDS
from schemas.topics import OWNERS, RULES, Family, Reader
from schemas.vocabulary import Kind, PrincipalRole, ReservedKind
from tests.vectors.golden_records import examples

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "schemas/README.md").read_text("utf-8")
RULE = re.compile(r"\*\*([A-Z]+)-(\d+)\*\*")
ENVELOPE_CODE = ("parse.py", "verify.py", "envelope.py")
READERS = {
    (Reader.OWNER,): "owner",
    (Reader.SCREENING,): "screening of owner 0",
    (Reader.OWNER, Reader.SENDER): "owner, sender",
    (Reader.AUDIT, Reader.SENDER): "audit service, sender",
}


def table(first_column: str) -> list[list[str]]:
    """Return the rows of every table whose header begins with this word."""
    rows: list[list[str]] = []
    inside = False
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first_column:
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            rows.append(cells)
    return rows


def raised_in(path: Path) -> Iterator[str]:
    """Give every reason that a file refuses with."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "RejectedError":
            yield ast.literal_eval(node.args[0])


def reasons(family: str) -> set[str]:
    return {word.strip("`") for rule, word, *_ in table("rule") if rule.startswith(f"**{family}-") and word[0] == "`"}


def test_rules_of_each_family_are_numbered_from_one_without_a_gap() -> None:
    found: dict[str, list[int]] = {}
    for family, number in RULE.findall(TEXT):
        found.setdefault(family, []).append(int(number))
    assert found == {family: list(range(1, len(numbers) + 1)) for family, numbers in found.items()}


def test_rule_that_code_or_test_cites_is_written_down() -> None:
    written = {f"{family}-{number}" for family, number in RULE.findall(TEXT)}
    families = {rule.split("-")[0] for rule in written}
    cited = {
        rule
        for folder in ("schemas", "broker", "consumers", "agents", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for rule in re.findall(r"\b[A-Z]+-\d+\b", path.read_text("utf-8"))
        if rule.split("-")[0] in families
    }
    assert {"KIND-1", "CODEC-1", "HEAD-3", "PART-2", "PAD-1", "SEAL-4", "SEAL-5", "ID-1", "ID-2"} <= cited
    assert cited <= written


def test_kinds_are_those_of_the_topic_table() -> None:
    rows = {Kind(kind): rest for kind, *rest in table("kind") if kind in Kind.__members__}
    assert set(rows) == set(Kind)
    for kind, (schema, parts, family, senders, readers, bucket) in rows.items():
        rule = RULES[kind]
        assert schema == f"`{FILES[MODELS[kind]]}`"
        assert parts.split(", ") == list(MODELS[kind].model_fields)
        assert family == rule.family.value
        assert readers == READERS[rule.readers]
        assert bucket == f"{rule.bucket // 1024} KiB"
        role, _, limit = senders.partition(" ")
        assert {role} == ({"any"} if rule.senders == set(PrincipalRole) else {one.value for one in rule.senders})
        owned = re.fullmatch(r"\(owner (\d)\)", limit)
        assert (int(owned[1]) if owned else None) == rule.sender_owns


def test_reserved_kinds_are_those_of_the_vocabulary_with_the_same_sentences() -> None:
    assert {row[0]: row[1] for row in table("word")} == {f"`{kind.value}`": kind.sentence for kind in ReservedKind}
    assert not set(ReservedKind) & set(Kind)


def test_reasons_are_exactly_those_that_the_code_refuses_an_envelope_with() -> None:
    """The primitives' two words come through verify; a directory is asked for sender, role and topic."""
    exchange = ROOT / "broker/exchange"
    code = {word for name in ENVELOPE_CODE for word in raised_in(exchange / name)}
    code |= {"WRAP_NOT_OURS", "CIPHERTEXT_ALTERED", "UNKNOWN_SENDER", "NOT_TAKING_PART"}
    assert reasons("VERIFY") == code


def test_reasons_of_the_directory_are_exactly_those_of_the_code() -> None:
    exchange = ROOT / "broker/exchange"
    files = ("directory.py", "directory_form.py", "directory_source.py")
    code = {word for name in files for word in raised_in(exchange / name)}
    asked_by_verify = {"UNKNOWN_SENDER", "NOT_TAKING_PART", "WRONG_TOPIC"}
    assert reasons("DIR") == code - asked_by_verify - {"REGISTER_MISMATCH"}
    assert "`REGISTER_MISMATCH`" in TEXT
    assert "BAD_KEM_KEY" in set(raised_in(ROOT / "broker/adapters/crypto/suite.py"))


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("SPLICED", "broker/holder/receive.py"),
        ("SPLICED", "consumers/audit/intake.py"),
        ("WRONG_REQUEST", "consumers/screening/join.py"),
        ("WRONG_ORGANISATION", "consumers/screening/join.py"),
        ("WRONG_ID", "consumers/screening/join.py"),
        ("SECOND_DISPATCH", "consumers/screening/join.py"),
    ],
)
def test_reasons_of_one_kind_are_words_of_the_code(word: str, where: str) -> None:
    assert f"| `{word}`" in TEXT
    assert f'"{word}"' in (ROOT / where).read_text("utf-8")


def test_every_vector_that_the_text_names_is_there() -> None:
    vectors = {path.stem for path in (ROOT / "tests/vectors").glob("*/*.json")}
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", TEXT))
    assert "accept-redelivery" in named
    assert named <= vectors


def test_numbers_are_those_of_the_code() -> None:
    assert f"{MAX_VALUE_BYTES:,} bytes" in TEXT
    assert f"`issued_at` + {LIFETIME.days} days" in TEXT
    assert f"more than {MOST_AHEAD.seconds} s ahead" in TEXT
    assert f"at most {MOST_READERS}\n  readers, and at most {MOST_PARTS} parts" in TEXT.lower()


def test_owners_are_as_many_as_the_text_says() -> None:
    none, one, two = ({family for family in Family if OWNERS[family] == count} for count in range(3))
    assert none == {Family.DIRECTORY, Family.AUDIT, Family.CHECKPOINTS, Family.WITNESS, Family.MEMBERS}
    named = {Family.REQUESTS, Family.DISPATCHES, Family.DESK, Family.SUMMARIES, Family.CONTACTS, Family.TRANSFERS}
    assert one == named
    assert two == {Family.ANSWERS}


def test_reserved_ids_are_those_that_the_text_names() -> None:
    row = next(words[1] for rule, *words in table("rule") if rule == "**DIR-21**")
    assert set(re.findall(r"`([a-z]+)`", row)) == RESERVED_IDS


def test_examples_come_out_as_written() -> None:
    assert part_hash(0, bytes(32), b"abc").hex()[:16] + "…" in TEXT
    assert envelope_digest(examples(Envelope)[0]).hex()[:16] + "…" in TEXT
    assert derived_id(Kind.ANSWER, bytes(32), "police", 1) in TEXT
    assert request_id_at(datetime(2026, 11, 23, 10, tzinfo=UTC), b"\xff" * 10) in TEXT
    assert PublicFile.LAW.digest(b"").hex()[:16] + "…" in TEXT
    content = examples(Content)[0]
    assert f"{len(encode(content))} bytes in a REQUEST" in TEXT
    padded = pad(content, bucket=RULES[Kind.REQUEST].bucket)
    assert f"`{padded[:4].hex()}`, {len(encode(content))} bytes, {len(padded) - 4 - len(encode(content))} zeros" in TEXT
    assert b"\x04\x06one\x00\x00" in encode(examples(Envelope)[0])
