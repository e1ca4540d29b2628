"""`mash up` only supervises: it loads nothing that could open a key, a store or a log, and a wrong word ends it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from broker.cli.commands.up import children_of
from broker.partnership.home import open_home
from broker.runtime.observability.http import address_of

ROOT = Path(__file__).parents[4]
LOADED = """
import sys, broker.cli.commands.up
print([name for name in sys.modules if name.startswith(("broker.bootstrap", "broker.adapters"))])
"""


def test_it_loads_nothing_that_opens_keys_stores_or_logs() -> None:
    """Whoever gets hold of the supervisor gets hold of no key."""
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_principal_runs_with_its_own_folder_at_its_own_port(home: Path) -> None:
    children = children_of(open_home(home), observe=address_of("127.0.0.1:9464"))
    assert [(child.name, child.seen_at) for child in children] == [
        (name, f"127.0.0.1:{9464 + number}")
        for number, name in enumerate(("hub", "hub-audit", "hub-screening", "police", "school"))
    ]
    for child in children:
        assert [word for word in child.command if str(home) in word] == [str(home / child.name)]


def test_a_wrong_configuration_ends_it_at_once(mash: Any, home: Path) -> None:
    """Told once, by name; nothing is started again and again for it."""
    (home / "school" / "config.toml").write_text("principal = 3")
    ran = mash("up", home)
    assert ran.code == 2
    assert "school/config.toml" in ran.err
    assert not (home / "supervisor.json").exists()
