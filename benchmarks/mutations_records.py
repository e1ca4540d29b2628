"""Switch each rule of records off, one at a time, and see a test fail: prints rule, mutation, failing test.

Each row replaces one piece of text in a temporary copy of the tree and runs the named tests there. A mutation that no
test notices is printed as SURVIVED, and ends the script with 1; one whose text is not there any more, with 2.

    python benchmarks/mutations_records.py [--rule 4]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("agents", "broker", "consumers", "schemas", "tests", "docker", "pyproject.toml")
UNIT = "tests/unit/agents"


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One rule switched off: in `file`, `old` becomes `new`; `tests` must notice."""

    rule: str
    file: str
    old: str
    new: str
    tests: str


MUTATIONS = (
    # ---- rule 2: an id means something only where it was given
    Mutation(
        rule="2 a file without a server owns its ids alone",
        file="agents/sdk/format.py",
        old='return self.source or f"file:{self.digest[:32]}"',
        new='return self.source or "fhir"',
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="2 two patients of one id are ambiguous",
        file="agents/health/subjects.py",
        old="            self._ambiguous.add(key)  # (2)",
        new="            pass",
        tests=f"{UNIT}/health/test_reported_cases.py",
    ),
    Mutation(
        rule="2 two records of one id that differ are ambiguous",
        file="agents/sdk/reading.py",
        old="            self._ambiguous.add(read.key)",
        new="            return",
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="2 a contained subject is one stranger each",
        file="agents/health/subjects.py",
        old="return Who(unknown=entry.at) if own is None",
        new="return Who(unknown=str(reference)) if own is None",
        tests=f"{UNIT}/health/test_reported_cases.py",
    ),
    # ---- rule 3: what cannot be read as open is restricted
    Mutation(
        rule="3 another label restricts",
        file="agents/health/labels.py",
        old="    return word in _OPEN and (system is None or _is_confidentiality(system))",
        new="    return word in _OPEN or not _is_confidentiality(system)",
        tests=f"{UNIT}/health/test_labels.py",
    ),
    Mutation(
        rule="3 older spellings of the system",
        file="agents/health/labels.py",
        old='if isinstance(system, str) else ""',
        new="if isinstance(system, str) and 'terminology' in system else \"\"",
        tests=f"{UNIT}/health/test_labels.py",
    ),
    Mutation(
        rule="3 the bundle's label is every entry's",
        file="agents/health/entries.py",
        old="    restricted = is_restricted(bundle)",
        new="    restricted = False",
        tests=f"{UNIT}/health/test_reported_cases.py",
    ),
    Mutation(
        rule="3 a mark on a custodian's record restricts",
        file="agents/sdk/mapping/reader.py",
        old="        if found.restricted:",
        new="        if False:",
        tests=f"{UNIT}/health/test_labels.py",
    ),
    # ---- rule 4: a modifier nobody understands stops the record
    Mutation(
        rule="4 a resource that does not stand is not read",
        file="agents/health/entries.py",
        old="    reason = stands(entry.resource)",
        new="    reason = None",
        tests=f"{UNIT}/test_standing.py",
    ),
    Mutation(
        rule="4 modifiers at every level",
        file="agents/health/entries.py",
        old='    if reason is None and modified(entry.resource, besides="contained"):',
        new="    if False:",
        tests=f"{UNIT}/test_standing.py",
    ),
    Mutation(
        rule="4 a part that does not stand is not told, in any sector",
        file="agents/sdk/mapping/reader.py",
        old="        if node is not self._root and isinstance(value, dict) and (reason := stands(value)) is not None:",
        new="        if False:",
        tests=f"{UNIT}/test_standing.py",
    ),
    Mutation(
        rule="4 a status in every writing",
        file="agents/sdk/mapping/standing.py",
        old='        for key in ("code", "display", "text", "coding", "value", "description", "name", "status"):',
        new='        for key in ("coding", "code"):',
        tests=f"{UNIT}/test_standing.py",
    ),
    Mutation(
        rule="4 an inactive patient is for a person",
        file="agents/health/fhir.py",
        old="        found = replace(found, restricted=True)  # (4)",
        new="        pass",
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="4 an end is told (row 15)",
        file="agents/health/narratives.py",
        old='    return f", ended or ending {when(day)}" if day else ""',
        new='    return ""',
        tests=f"{UNIT}/health/test_ends.py",
    ),
    # ---- rule 5: a rejection is news about what is held
    Mutation(
        rule="5 an error withdraws what is held (FHIR)",
        file="agents/health/entries.py",
        old="    yield from entry.withdrawn(reason, lasting=True)",
        new="    yield from ()",
        tests=f"{UNIT}/health/test_reported_cases.py",
    ),
    Mutation(
        rule="5 a correction withdraws what is held (custodians)",
        file="agents/sdk/dfe.py",
        old="        if reference:",
        new="        if False:",
        tests=f"{UNIT}/test_standing.py",
    ),
    Mutation(
        rule="5 the newer version counts within a file",
        file="agents/sdk/reading.py",
        old="        if other is None or is_newer(read.version, other.version):",
        new="        if other is None:",
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="5 a deletion withdraws",
        file="agents/health/entries.py",
        old='    if method == "DELETE" and isinstance(request, dict):',
        new="    if method is Ellipsis and isinstance(request, dict):",
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="5 a registration's end is news of it (row 17)",
        file="agents/sdk/mapping/reader.py",
        old="        if row.in_force is not None and _has_ended(row.in_force, value, own, state.today):",
        new="        if False:",
        tests=f"{UNIT}/test_standing.py",
    ),
    Mutation(
        rule="5 a registration is known by itself",
        file="agents/probation/formats.py",
        old='enveloped=False, apart="data")',
        new="enveloped=False)",
        tests=f"{UNIT}/test_standing.py",
    ),
    # ---- rule 6: a merge is said by the server
    Mutation(
        rule="6 a merge by reference",
        file="agents/health/fhir.py",
        old="replace(found, other_person_keys=patients.merged(entry))",
        new="found",
        tests=f"{UNIT}/health/test_reported_cases.py",
    ),
    # ---- rule 8: what was not read must reach the answer
    Mutation(
        rule="8 a further page is a gap (FHIR)",
        file="agents/health/entries.py",
        old='        if isinstance(link, dict) and link.get("relation") == "next":',
        new="        if False:",
        tests=f"{UNIT}/test_gaps.py",
    ),
    Mutation(
        rule="8 a further page is a gap (other formats)",
        file="agents/sdk/mapping/pages.py",
        old='            if place.get(key) not in (None, False, "", 0):',
        new="            if False:",
        tests=f"{UNIT}/test_gaps.py",
    ),
    Mutation(
        rule="8 a total above the entries is a gap",
        file="agents/health/entries.py",
        old="    if isinstance(total, int) and not isinstance(total, bool) and total > matches:",
        new="    if False:",
        tests=f"{UNIT}/test_gaps.py",
    ),
    Mutation(
        rule="8 an outcome among the entries is a gap",
        file="agents/health/entries.py",
        old="        yield Gap(at=at, reason=_outcome(resource))",
        new="        yield PassedOver(record_type=kind)",
        tests=f"{UNIT}/test_gaps.py",
    ),
    Mutation(
        rule="8 a record that tells nothing is flagged (row 16)",
        file="agents/sdk/mapping/reader.py",
        old="        if self._tells and not state.items and len(flagged) == heard:",
        new="        if False:",
        tests=f"{UNIT}/health/test_ends.py",
    ),
    # ---- rule 9: partial dates are dates
    Mutation(
        rule="9 a year and a month are dates",
        file="agents/sdk/mapping/values.py",
        old="        if month in (None, _UNKNOWN_PART):",
        new="        if None in (month, day):\n            return UNREADABLE\n        if month == _UNKNOWN_PART:",
        tests=f"{UNIT}/health/test_reported_cases.py",
    ),
    Mutation(
        rule="9 a partial birth is none to the day",
        file="agents/sdk/mapping/subject.py",
        old="            if isinstance(day, PartialDay):",
        new="            if False:",
        tests=f"{UNIT}/health/test_ends.py",
    ),
    # ---- rule 10: no value can end an import
    Mutation(
        rule="10 numbers are bounded at parse",
        file="agents/sdk/parse.py",
        old="            parse_float=number,",
        new="            parse_float=Decimal,",
        tests=f"{UNIT}/sdk/test_parse.py",
    ),
    Mutation(
        rule="10 text that nothing can hold is refused",
        file="agents/sdk/parse.py",
        old='    if _SUSPECT.search(text) or "\\x00" in text:',
        new="    if False:",
        tests=f"{UNIT}/sdk/test_parse.py",
    ),
    Mutation(
        rule="10 the cost is bounded in values",
        file="agents/sdk/parse.py",
        old='    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:',
        new="    if False:",
        tests=f"{UNIT}/sdk/test_parse.py",
    ),
    # ---- rows 19 and 20, deaths
    Mutation(
        rule="19 an NHS number under every spelling",
        file="agents/health/numbers.py",
        old=r"fhir\.nhs\.(uk|net)",
        new=r"fhir\.nhs\.(uk)",
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="19 a verification status of every version",
        file="agents/health/numbers.py",
        old='if isinstance(extension, dict) and _STATUS in str(extension.get("url")).casefold().replace("-", ""):',
        new='if isinstance(extension, dict) and str(extension.get("url")).casefold().endswith(_STATUS):',
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="20 a written name is taken apart",
        file="agents/health/words.py",
        old="    if comma and family.strip() and given.strip():",
        new="    if False:",
        tests=f"{UNIT}/health/test_sources.py",
    ),
    Mutation(
        rule="a death is told",
        file="agents/health/narratives.py",
        old='    return f"This patient died {when(day)}." if day else',
        new='    return "" if day else',
        tests=f"{UNIT}/health/test_ends.py",
    ),
    # ---- item 5: formats people have
    Mutation(
        rule="item 5 a column reaches only what the table reads",
        file="agents/sdk/column_map.py",
        old="    if shape is None or shape is Shape.LEVELS:",
        new="    if shape is None:\n        shape = Shape.TEXT\n    if False:",
        tests=f"{UNIT}/sdk/test_csv.py",
    ),
    Mutation(
        rule="item 5 every Unicode encoding with a mark",
        file="agents/sdk/parse.py",
        old='    (codecs.BOM_UTF32_LE, "utf-32-le"),',
        new="",
        tests=f"{UNIT}/sdk/test_parse.py",
    ),
    Mutation(
        rule="item 5 lines are not held whole",
        file="agents/sdk/lines.py",
        old="        for number, text in enumerate(text_lines(self.path), start=1):",
        new="        for number, text in enumerate(list(text_lines(self.path)), start=1):",
        tests=f"{UNIT}/sdk/test_lines.py",
    ),
    Mutation(
        rule="item 5 a type that no row reads is passed over",
        file="agents/health/entries.py",
        old="        known = kind in _PASSED_OVER",
        new="        known = False",
        tests=f"{UNIT}/test_gaps.py",
    ),
    # Rows for the rules of the store and of identification: rule 1, 2, 5, 6, 7, 8 and 10 as the store obeys them.
)


def main() -> int:
    """Try every mutation; return 0 where each fails a test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rule", help="only rules whose name begins so")
    chosen = parser.parse_args()
    ends = [_try(one) for one in MUTATIONS if not chosen.rule or one.rule.startswith(chosen.rule)]
    print(f"{len(ends)} mutations, {ends.count(1)} survived, {ends.count(2)} without their text")
    return max(ends, default=2)


def _try(mutation: Mutation) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        target = copy / mutation.file
        text = target.read_text(encoding="utf-8")
        if mutation.old not in text:
            return _tell(mutation, "TEXT NOT FOUND", 2)
        target.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        failing = _failing(copy, mutation.tests)
    return _tell(mutation, failing or "SURVIVED", 0 if failing else 1)


def _failing(copy: Path, tests: str) -> str | None:
    """Run the tests in the copy; return the first that fails."""
    words = [sys.executable, "-m", "pytest", tests, "-x", "-q", "-p", "no:cacheprovider", "--no-header"]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    if done.returncode != 1 or found is None:
        sys.exit(f"the tests cannot be run in a copy: {done.stdout[-2000:]}")
    return found[1]


def _tell(mutation: Mutation, outcome: str, end: int) -> int:
    before, after = (" ".join(text.split()) for text in (mutation.old, mutation.new))
    print(mutation.rule)
    print(f"    {mutation.file}: {before[:80]}  ->  {after[:60] or '(nothing)'}")
    print(f"    {outcome}", flush=True)
    return end


if __name__ == "__main__":
    sys.exit(main())
