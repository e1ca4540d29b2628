"""The application must be alone in its environment: a package of the same name would replace ours silently."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from broker.cli.packaging import check_no_other_owner, check_one_parent, check_packaging
from broker.errors import UsageError

HERE = Path("/somewhere")
PARENTS: dict[str, Path | None] = dict.fromkeys(("schemas", "broker", "agents", "consumers"), HERE)


def _installed(folder: Path, name: str, files: tuple[str, ...]) -> Iterator[metadata.Distribution]:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))
    return iter([metadata.Distribution.at(info)])


def test_this_environment_is_accepted() -> None:
    check_packaging()


def test_packages_of_two_folders_are_refused() -> None:
    with pytest.raises(UsageError, match="package agents is not this application's"):
        check_one_parent({**PARENTS, "agents": Path("/elsewhere")})


def test_a_missing_package_is_refused() -> None:
    with pytest.raises(UsageError, match="package consumers"):
        check_one_parent({**PARENTS, "consumers": None})


@pytest.mark.parametrize("package", ["schemas", "broker", "agents", "consumers"])
def test_a_package_with_another_owner_is_refused(tmp_path: Path, package: str) -> None:
    installed = _installed(tmp_path, "stranger", (f"{package}/__init__.py", "other/x.py"))
    with pytest.raises(UsageError, match=f"package {package} is also owned by the distribution stranger"):
        check_no_other_owner(installed)


def test_a_file_inside_one_of_our_packages_is_refused(tmp_path: Path) -> None:
    """A sector laid into `agents/` by another wheel could as well replace a file there."""
    with pytest.raises(UsageError, match="package agents is also owned by the distribution mash-housing"):
        check_no_other_owner(_installed(tmp_path, "mash_housing", ("agents/housing/agent.py",)))


def test_an_agent_under_an_import_name_of_its_own_is_accepted(tmp_path: Path) -> None:
    check_no_other_owner(_installed(tmp_path, "mash_housing", ("mash_housing/agent.py", "mash_housing/__init__.py")))


def test_our_own_distribution_and_likely_names_are_accepted(tmp_path: Path) -> None:
    check_no_other_owner(_installed(tmp_path, "mash_broker", ("broker/__init__.py", "schemas/__init__.py")))
    check_no_other_owner(_installed(tmp_path, "other", ("mybroker/__init__.py", "x/broker/__init__.py")))
