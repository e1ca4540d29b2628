"""Alerts, dashboard and runbooks: what they name is what a process shows, and every alert has its page.

What a process really shows is scraped in `tests/e2e/test_observed.py`; these are the names that its meter can show.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from agents.sdk.store.coverage import NOTHING_IMPORTED, NOTHING_READABLE, STORE_LOST
from broker.adapters.metrics import Metrics
from broker.holder.source import SourceState
from broker.runtime.records_watch import ALARMS

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docker" / "observability"
ALERTS = (FOLDER / "alerts.yml").read_text("utf-8")
PAGES = ROOT / "docs" / "runbooks"
HEADINGS = ["What it means for the child", "Look at", "Do", "Tell"]


def shown() -> set[str]:
    """The names that a scrape has, a histogram's parts among them."""
    text = Metrics("police").text().decode()
    names = {family.name + suffix for family in text_string_to_metric_families(text) for suffix in ("", "_total")}
    return names | {"mash_stage_seconds_bucket", "mash_stage_seconds_sum", "mash_stage_seconds_count"}


def named(text: str) -> set[str]:
    """Every name of ours in a text."""
    return set(re.findall(r"\bmash_[a-z_]+", text))


def dashboard() -> str:
    """All expressions of the dashboard."""
    panels = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))["panels"]
    return "\n".join(target["expr"] for panel in panels for target in panel["targets"])


def alerts() -> list[str]:
    """The names of all alerts."""
    return re.findall(r"- alert: (\w+)", ALERTS)


def test_every_number_that_is_named_is_shown() -> None:
    pages = "\n".join(path.read_text("utf-8") for path in PAGES.glob("*.md"))
    for text in (ALERTS, dashboard(), pages):
        assert named(text)
        assert named(text) - shown() == set()


def test_every_number_of_ours_is_on_the_dashboard_or_in_an_alert() -> None:
    ours = {name for name in shown() if not name.startswith(("mash_process_", "mash_stage_"))}
    families = {name.removesuffix("_total") for name in ours}
    assert families - {name.removesuffix("_total") for name in named(dashboard() + ALERTS)} == set()


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    assert len(alerts()) == len(set(alerts()))
    assert sorted(alerts()) == sorted(path.stem for path in PAGES.glob("*.md"))
    assert re.findall(r"runbook: (\S+)", ALERTS) == [f"docs/runbooks/{name}.md" for name in alerts()]


def test_every_page_says_what_it_means_for_the_child_and_whom_to_tell() -> None:
    for path in PAGES.glob("*.md"):
        lines = path.read_text("utf-8").splitlines()
        assert lines[0] == f"# {path.stem}"
        assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS, path.name
        for link in re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8")):
            assert (PAGES / link).is_file(), f"{path.name}: {link}"


def test_every_alert_says_who_is_woken_up() -> None:
    said = re.findall(r"\{severity: (\w+)\}", ALERTS)
    assert len(said) == len(alerts())
    assert set(said) == {"page", "ticket"}


def test_a_source_that_is_lost_unreadable_or_too_old_is_an_alert() -> None:
    found = re.search(r'mash_record_sources\{state=~"([A-Z_|]+)"\}\) > 0', ALERTS)
    assert found is not None
    assert set(found[1].split("|")) == set(SourceState) - {SourceState.HELD}
    assert "(mash_records_searchable) == 0" in ALERTS


def test_what_is_wrong_with_records_is_not_said_to_be_quarantined() -> None:
    found = re.search(r'reason!~"([A-Z_|]+)"\}', ALERTS)
    assert found is not None
    assert {*ALARMS.values(), NOTHING_IMPORTED, NOTHING_READABLE, STORE_LOST} <= set(found[1].split("|"))
