"""Write every vector file of ours again: `python -m tests.vectors.regenerate [--check] [--release VERSION]`.

Golden bytes and manifest follow from the schemas and the values in `golden/`; envelopes from published seeds and the
stored wraps, and only a wrap that is missing is made. What is released is never changed: then this stops and says so.
`--check` writes nothing and fails where a file is not what it would be.
"""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

from schemas.codec import encode
from tests.vectors import (
    accepted_cases,
    content_cases,
    directory_cases,
    folder_cases,
    insider_cases,
    kind_cases,
    outsider_cases,
    released,
    roots_cases,
)
from tests.vectors.golden_records import GOLDEN, HERE, RECORDS, StaleValueError, again, golden_file, load, written
from tests.vectors.released import FrozenError
from tests.vectors.vector_world import (
    NOW,
    PARTNERSHIP,
    PRINCIPALS,
    StoredWraps,
    World,
    WrapMissingError,
    register,
    root_keys,
    seed,
)

NAMES = ("envelopes", "kinds", "directories", "folders", "roots")
ENVELOPES, KINDS, DIRECTORIES, FOLDERS, ROOTS = (HERE / name for name in NAMES)
WRAPS = HERE / "wraps.json"
Files = dict[Path, str]


def golden_files(entries: released.Manifest) -> Files:
    """Return the golden documents. Raises: FrozenError where the bytes of a released record would change."""
    files: Files = {}
    for schema in sorted(RECORDS):
        document, before = again(schema), load(schema)
        is_released = entries.get(schema, {"released": None})["released"] is not None
        if is_released and _changed(before, document):
            raise FrozenError(f"{golden_file(schema).name}: the golden bytes of a released record would change")
        files[golden_file(schema)] = written(document)
    return files


def _changed(before: dict[str, Any], after: dict[str, Any]) -> bool:
    pairs = zip(before["examples"], after["examples"], strict=True)
    return any(old.get("avro", new["avro"]) != new["avro"] for old, new in pairs)


def envelope_files(*, may_make: bool) -> Files:
    """Return the envelope vectors, their partnership and the wraps they use."""
    stored: dict[str, str] = json.loads(WRAPS.read_text("utf-8")) if WRAPS.exists() else {}
    world = World(StoredWraps(stored, may_make))
    cases = [
        *accepted_cases.cases(world),
        *outsider_cases.cases(world),
        *insider_cases.cases(world),
        *content_cases.cases(world),
    ]
    files = {ENVELOPES / f"{case.name}.json": written(case.document()) for case in cases}
    files |= {KINDS / f"{case.name}.json": written(case.document()) for case in kind_cases.cases(world)}
    files[HERE / "partnership.json"] = written(_partnership(world))
    files[WRAPS] = written(dict(sorted(world.crypto.used.items())))
    return files


def directory_files() -> Files:
    """Return the vectors of single directories, of folders that hold some, and of the roots that sign them."""
    made = (
        (DIRECTORIES, directory_cases.documents()),
        (FOLDERS, folder_cases.documents()),
        (ROOTS, roots_cases.documents()),
    )
    return {folder / f"{one['name']}.json": written(one) for folder, documents in made for one in documents}


def every_file(*, may_make: bool, release: str | None = None) -> Files:
    """Return all that should lie there. Raises: FrozenError; WrapMissingError where a new one must not be made."""
    entries = released.refreshed(released.manifest(), released.on_disk())
    if release is not None:
        entries = released.frozen(entries, version=release)
    return {
        released.MANIFEST: written(entries),
        **golden_files(entries),
        **envelope_files(may_make=may_make),
        **directory_files(),
    }


def differences(files: Files) -> list[Path]:
    """Return the files that are missing, other than they should be, or nobody's."""
    wrong = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    lying = {path for name in NAMES for path in (HERE / name).glob("*")}
    # The golden bytes of an older version stay as long as its schema does, though no model writes it any more.
    lying |= {path for path in GOLDEN.glob("*") if path.with_suffix(".avsc").name not in released.on_disk()}
    return sorted({*wrong, *(lying - files.keys())})


def main(arguments: list[str]) -> int:
    """Write or check, and say which files were other than they should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors.regenerate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file would change")
    parser.add_argument("--release", metavar="VERSION", help="freeze every schema file that is not frozen yet")
    options = parser.parse_args(arguments)
    try:
        files = every_file(may_make=not options.check, release=options.release)
    except (FrozenError, StaleValueError, WrapMissingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    wrong = differences(files)
    for path in wrong:
        sys.stdout.write(f"{path.relative_to(HERE.parents[1])}\n")
        if not options.check:
            _write(path, files.get(path))
    return 1 if options.check and wrong else 0


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def _partnership(world: World) -> dict[str, Any]:
    return {
        "partnership": PARTNERSHIP,
        "issued_at": NOW.isoformat(timespec="milliseconds"),
        "roots": {name: key.hex() for name, key in root_keys().items()},
        "register": b64encode(encode(register())).decode("ascii"),
        "signed_directory": b64encode(world.signed).decode("ascii"),
        "kem_seeds": {name: seed(f"{name}/kem").hex() for name in PRINCIPALS},
        "signing_seeds": {name: seed(f"{name}/signing").hex() for name in PRINCIPALS},
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
