"""Fuzz what every agent reads: no crash, no import without an account, no value of a file in an account.

Each round takes a sample or example of a sector (JSON, a bundle, lines, CSV by its mapping), changes bytes, values,
keys and the shape of it, and imports it beside a sound file. Run for a stated time; a round is known by its seed:

    python benchmarks/fuzz_formats.py --minutes 10 [--sector health] [--seed 1] [--round 4711]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agents.adult_social_care.agent import AGENT as ADULT_SOCIAL_CARE
from agents.early_help.agent import AGENT as EARLY_HELP
from agents.education.agent import AGENT as EDUCATION
from agents.health.agent import AGENT as HEALTH
from agents.housing.agent import AGENT as HOUSING
from agents.idva.agent import AGENT as IDVA
from agents.police.agent import AGENT as POLICE
from agents.probation.agent import AGENT as PROBATION
from agents.sdk.agent import SectorAgent
from agents.sdk.testing import AgentHarness
from agents.social_care.agent import AGENT as SOCIAL_CARE
from agents.substance_misuse.agent import AGENT as SUBSTANCE_MISUSE
from agents.youth_justice.agent import AGENT as YOUTH_JUSTICE
from broker.adapters.sql import SqlDatabase
from schemas.vocabulary import IdentifierScheme

ROOT = Path(__file__).parents[1]
AGENTS = {
    "police": POLICE,
    "health": HEALTH,
    "education": EDUCATION,
    "probation": PROBATION,
    "social_care": SOCIAL_CARE,
    "adult_social_care": ADULT_SOCIAL_CARE,
    "early_help": EARLY_HELP,
    "housing": HOUSING,
    "idva": IDVA,
    "substance_misuse": SUBSTANCE_MISUSE,
    "youth_justice": YOUTH_JUSTICE,
}
FOLDERS = {
    "police": ("dfe_sui/custodians/police*", "dfe_sui/records/Crime*", "dfe_sui/records/Niche*"),
    "health": ("dfe_sui/custodians/health*", "fhir_r4/*", "nhs_pds/*", "reported/*"),
    "education": ("dfe_sui/custodians/education*", "dfe_sui/records/Education*", "dfe_sui/records/Arbor*"),
    "probation": ("hmpps_probation/*", "reported/huge*", "reported/registration*"),
    "social_care": (
        "dfe_cin/*",
        "dfe_ssda903/*",
        "dfe_sui/custodians/local*",
        "dfe_sui/records/Social*",
        "dfe_sui/records/Mosaic*",
    ),
    "housing": ("dfe_sui/custodians/housing*",),
}
CANARY = "Zanzibarcanary"
EVIL: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    10**39,
    10**60,
    -(2**31),
    1e300,
    "",
    " ",
    CANARY,
    f"{CANARY} of a name",
    "9990000018",
    "1111111111",
    "#p",
    "Patient/robin",
    "urn:uuid:1",
    "2019",
    "2019-13",
    "0000-00-00",
    "9999-12-31",
    "2026-02-30T25:61:61Z",
    "entered-in-error",
    "\u202eevil",
    "\ud800",
    "a\x00b",
    "\u0130",
    "ß" * 400,
    "x" * 30_000,
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {CANARY: CANARY},
    {"reference": CANARY},
    {"modifierExtension": [{}]},
    [CANARY] * 50,
)
RAW = ("1e9999999", "1e400000", "-0", "1" * 60, "NaN", "Infinity", '"\\ud800"', '"\\u0000"', "[" * 300 + "]" * 300)
MARK = "RAW-NUMBER-HERE"


def main() -> int:
    """Fuzz until the time is over; return 1 after the first round that breaks a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--sector", choices=sorted(AGENTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=int)
    chosen = parser.parse_args()
    sectors = [chosen.sector] if chosen.sector else sorted(AGENTS)
    until = time.monotonic() + 60 * chosen.minutes
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for number in [chosen.round] if chosen.round is not None else _numbers(until):
            sector = sectors[number % len(sectors)]
            fault = play(sector, random.Random(f"{chosen.seed}/{number}"), Path(scratch), counts)
            if fault:
                print(f"round {number} of seed {chosen.seed}, {sector}: {fault}")
                return 1
    for word, count in sorted(counts.items()):
        print(f"{word:32} {count}")
    return 0


def _numbers(until: float) -> Iterator[int]:
    number = 0
    while time.monotonic() < until:
        yield number
        number += 1


def play(sector: str, chance: random.Random, scratch: Path, counts: Counter[str]) -> str | None:
    """Import one mangled file beside a sound one; return what broke, if anything."""
    agent = AGENTS[sector]
    folder = Path(tempfile.mkdtemp(dir=scratch))
    database = SqlDatabase.open(folder / "records.sqlite", schema=agent.store_schema)
    harness = AgentHarness(agent, database, folder)
    mangled, mapping = _mangled(sector, agent, chance, folder)
    binding = {IdentifierScheme.CRN: "X990001"} if sector == "probation" else {IdentifierScheme.NHS: "9990000018"}
    try:
        accounts = harness.take_in(
            mangled,
            *([] if mapping else agent.examples()[:1]),
            bindings=binding if chance.random() < 0.5 else {},
            mapping=mapping,
            source="fuzz" if chance.random() < 0.3 else None,
        )
    except Exception as error:  # noqa: BLE001 - whatever ends an import is what is looked for
        return f"{type(error).__name__} ended the import"
    finally:
        database.close()
    counts[f"{sector} rounds"] += 1
    counts[f"{sector} records"] += accounts[0].records
    counts[f"{sector} whole files rejected"] += accounts[0].format is None
    shown = json.dumps(accounts[0].as_json() | {"file": ""})
    if CANARY in shown or "9990000018" in shown:
        return "a value of the file is in its account"
    if mapping is None and len(accounts) != 2:
        return "a file has no account"
    if mapping is None and not accounts[1].records:
        return "the sound file beside it did not go in"
    return None


def _mangled(sector: str, agent: SectorAgent, chance: random.Random, folder: Path) -> tuple[Path, Path | None]:
    if chance.random() < 0.2:
        return _mangled_table(sector, chance, folder)
    samples = [path for pattern in FOLDERS.get(sector, ()) for path in (ROOT / "tests" / "samples").glob(pattern)]
    path = chance.choice(sorted(samples) + list(agent.examples()))
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix in (".xml", ".csv"):
        target = folder / f"mangled{path.suffix}"
        target.write_bytes(_bytes(_text_changed(text, chance), chance))
        return target, None
    try:
        document = json.loads(text)
    except ValueError:
        document = text
    for _ in range(chance.randint(1, 6)):
        document = _changed(document, chance)
    written = json.dumps(document).replace(json.dumps(MARK), chance.choice(RAW))
    if sector == "health" and isinstance(document, dict) and chance.random() < 0.3:
        entries = document.get("entry")
        parts = (
            [one.get("resource") if isinstance(one, dict) else one for one in entries]
            if isinstance(entries, list)
            else []
        )
        written = "\n".join(json.dumps(part) for part in [*parts, document])
    target = folder / f"mangled.{chance.choice(['json', 'json', 'ndjson']) if sector == 'health' else 'json'}"
    target.write_bytes(_bytes(written, chance))
    return target, None


def _mangled_table(sector: str, chance: random.Random, folder: Path) -> tuple[Path, Path]:
    examples = ROOT / "agents" / sector / "examples" / "csv"
    mapping = next(examples.glob("*.toml"))
    header, *rows = mapping.with_suffix(".csv").read_text(encoding="utf-8").splitlines()
    mark = next(one for one in ",;\t" if one in header)
    table = [row.split(mark) for row in rows * chance.randint(1, 4)]
    for _ in range(chance.randint(1, 8)):
        row = chance.choice(table)
        evil = chance.choice([str(one) for one in EVIL if isinstance(one, str | int) and one != "\ud800"])
        row[chance.randrange(len(row))] = evil
        if chance.random() < 0.1:
            row.append(evil)
    target = folder / "mangled.csv"
    target.write_bytes(_bytes("\n".join([header, *(mark.join(row) for row in table)]), chance))
    return target, mapping


def _text_changed(text: str, chance: random.Random) -> str:
    """Change some of the pieces between the marks of XML and CSV, or the marks themselves."""
    pieces = re.split(r"([<>,\n])", text)
    evil = [str(one) for one in EVIL if isinstance(one, str | int) and one != "\ud800"]
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(pieces))
        pieces[place] = chance.choice([*evil, pieces[place] * 2, "", "<!DOCTYPE x []>", "<a>" * 100, "&b;", "]]>", '"'])
    return "".join(pieces)


def _changed(value: object, chance: random.Random) -> object:
    """Change one place, at any depth: replace, remove, double, rename or move something."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        if chance.random() < 0.15:
            return _dict_changed(value, key, chance)
        return {**value, key: _changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        if chance.random() < 0.1:
            return [*value, value[place]] if chance.random() < 0.5 else value[:place] + value[place + 1 :]
        return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]
    return MARK if chance.random() < 0.1 else chance.choice(EVIL)


def _dict_changed(value: dict[str, object], key: str, chance: random.Random) -> dict[str, object]:
    rest = {name: held for name, held in value.items() if name != key}
    other = chance.choice(
        ["status", "active", "modifierExtension", "deleted", f"{CANARY} x", "period", "\ud800", "link"]
    )
    return rest if chance.random() < 0.5 else {**rest, other: value[key]}


def _bytes(text: str, chance: random.Random) -> bytes:
    encoding = chance.choice(["utf-8"] * 8 + ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
    data = bytearray(text.encode(encoding, errors="replace"))
    if chance.random() < 0.25:
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data) + 1)
            data[place : place + chance.randint(0, 3)] = chance.choice(
                [b"", b"\x00", b"\xff", b"{", b'"', b",", b"\n", b"[["]
            )
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
