"""The shape of the code: proofs are made in one place, each outside library has one door, nothing grows too large."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "broker", "agents", "consumers")

PROOF_TYPES = {
    "Unverified": "broker/exchange/parse.py",
    "Verified": "broker/exchange/verify.py",
    "TrustedDirectory": "broker/exchange/directory.py",
    "Sealed": "broker/exchange/seal.py",
    "SealedBatch": "broker/holder/endings.py",
    "Authority": "broker/gate/engine.py",
    "Refusal": "broker/gate/engine.py",
    "Known": "broker/holder/identify.py",
    "People": "broker/holder/identify.py",
    "Draft": "broker/holder/minimise.py",
    "Disclosure": "broker/holder/review.py",
}
"""Each type that proves something, and the only module that may make one."""

ONE_DOOR = {
    "cryptography": "broker/adapters/crypto",
    "defusedxml": "agents/social_care/xml_document.py",
    "sqlite3": ("broker/adapters/embedded", "broker/adapters/sql"),
    "structlog": "broker/adapters/telemetry.py",
    "fastavro": "schemas/codec.py",
    "typer": "broker/cli",
    "rich": "broker/cli",
    "aiokafka": "broker/adapters/kafka/",
    "confluent_kafka": "broker/adapters/kafka_admin/",
    "prometheus_client": "broker/adapters/metrics.py",
}
"""Each outside library, and the only place that imports it; SQLite is two: the event log, and the databases."""

STAGES = ("broker/exchange/", "broker/holder/", "broker/requester/", "broker/transparency/", "consumers/", "agents/")
"""What works with a log that composition opened: each takes the one port of the log that it uses."""

INHERITING = (
    "broker/adapters/embedded/claim.py",
    "broker/adapters/embedded/log.py",
    "broker/adapters/kafka/claim.py",
    "broker/adapters/kafka/log.py",
    "broker/adapters/kafka/security.py",
    "broker/runtime/observability/event_log.py",
)
"""The modules whose overrides of a port inherit its docstrings, so that ruff's D102 cannot be asked there."""

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 45
MOST_FILES = 22


def modules() -> Iterator[tuple[str, ast.Module, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text("utf-8")
            yield path.relative_to(ROOT).as_posix(), ast.parse(source), source


def _called(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func.value if isinstance(node.func, ast.Subscript) else node.func
            if isinstance(target, ast.Name):
                yield target.id
            elif isinstance(target, ast.Attribute):
                yield target.attr


def test_each_proof_type_is_made_in_one_module_only() -> None:
    """A proof that can be made elsewhere proves nothing."""
    made = {(name, where) for where, tree, _ in modules() for name in _called(tree) if name in PROOF_TYPES}
    assert made == set(PROOF_TYPES.items())


def test_no_proof_is_copied_with_other_contents() -> None:
    """`replace`, `copy` and `cast` would make a proof without its check."""
    for where, tree, _ in modules():
        if where.startswith(("broker/exchange", "broker/gate", "broker/holder")):
            assert not set(_called(tree)) & {"model_copy", "deepcopy", "cast"}, where
            assert not {"replace", "cast"} & _names_imported(tree), where


def _names_imported(tree: ast.Module) -> set[str]:
    return {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}


@pytest.mark.parametrize("library", sorted(ONE_DOOR))
def test_each_outside_library_has_one_door(library: str) -> None:
    """Whoever wants it goes through the port."""
    importers = {where for where, tree, _ in modules() if library in _imported(tree)}
    assert {where for where in importers if not where.startswith(ONE_DOOR[library])} == set()


def _imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_each_stage_takes_the_narrowest_port_of_the_log() -> None:
    """`EventLog` is all three ports at once: only what opens a log, or closes it, needs that."""
    for where, tree, _ in modules():
        if where.startswith(STAGES):
            assert "EventLog" not in _names_imported(tree), where


def test_only_composition_names_kafkas_adapter() -> None:
    """Else a second log that knows who is who is taken for Kafka somewhere."""
    importers = {where for where, tree, _ in modules() if "broker.adapters.kafka." in _dotted(tree)}
    assert {where for where in importers if "adapters/kafka" not in where} == {"broker/bootstrap/event_log.py"}


def _dotted(tree: ast.Module) -> str:
    """Return everything that is imported from a module, by its full name with a dot at its end."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return " ".join(f"{node.module}.{alias.name}." for node in imports for alias in node.names)


@pytest.mark.parametrize("where", INHERITING)
def test_every_public_method_of_a_log_has_a_docstring_of_its_own_or_of_its_port(where: str) -> None:
    module = importlib.import_module(where.removesuffix(".py").replace("/", "."))
    for name, kind in inspect.getmembers(module, inspect.isclass):
        if kind.__module__ == module.__name__ and not name.startswith("_"):
            for method in (one for one in vars(kind) if not one.startswith("_")):
                found = getattr(kind, method)
                if callable(found) or isinstance(found, property):
                    assert inspect.getdoc(found), f"{name}.{method}"


def test_no_file_and_no_function_outgrows_its_reader() -> None:
    """A 400-line file or a 45-line function does two things."""
    for where, tree, source in modules():
        assert source.count("\n") <= MOST_LINES, where
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                docstring = ast.get_docstring(node) or ""
                assert length - docstring.count("\n") <= MOST_LINES_OF_A_FUNCTION, f"{where}: {node.name}"


def test_pipeline_can_be_read_top_to_bottom() -> None:
    """The path itself stays short: a stranger reads it first."""
    source = (ROOT / "broker/holder/pipeline.py").read_text("utf-8")
    body = source[source.index("    async def end(") :]
    assert body.count("\n") < 60


def _imports(where: str, tree: ast.Module, known: frozenset[str]) -> Iterator[str]:
    """Every module of ours that this one imports, at its top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known
            yield from inner
            if node.module in known and len(inner) < len(node.names):
                yield node.module


def _name_of(where: str) -> str:
    return where.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_no_import_leads_back_to_where_it_began() -> None:
    """Not even one inside a function, where a cycle hides."""
    trees = {
        where.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree for where, tree, _ in modules()
    }
    graph = {name: set(_imports(name, tree, frozenset(trees))) - {name} for name, tree in trees.items()}
    assert len(graph) > 200
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as cycle:
        pytest.fail(" -> ".join(cycle.args[1]))


def test_no_folder_holds_more_than_a_reader_can() -> None:
    """A newcomer holds a folder in mind; at 22 files it is two folders."""
    folders = Counter(where.rpartition("/")[0] for where, _, _ in modules() if not where.endswith("__init__.py"))
    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


def test_every_module_says_what_it_promises() -> None:
    """A file's first lines tell a stranger why it is there."""
    for where, tree, source in modules():
        assert ast.get_docstring(tree) or not source.strip(), where


def test_import_contracts_hold() -> None:
    """The layers of the blueprint, checked by import-linter."""
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(600)
def test_types_are_strict() -> None:
    """mypy strict over the four packages."""
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
