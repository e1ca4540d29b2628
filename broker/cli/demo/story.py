"""The record of a demonstration, with a verdict on each part, for the page and for the JSON document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from broker.application.ledger import LedgerReport
from broker.application.summaries import RequestShown, Stands


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One request of the story: its point, its outcome, and the verdict."""

    name: str
    says: str
    shown: RequestShown
    held: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The whole demonstration."""

    made: dict[str, Any]
    records: tuple[dict[str, Any], ...]
    scenes: tuple[Scene, ...]
    account: dict[str, Any] = field(repr=False)
    ledger: LedgerReport
    tampered: dict[str, LedgerReport]
    log: str
    cold_start_seconds: float
    stop_seconds: float
    stopped_clean: bool
    seconds: float

    @property
    def tamper_found(self) -> bool:
        """Return whether every altered copy was detected."""
        return bool(self.tampered) and not any(report.verified for report in self.tampered.values())

    @property
    def held(self) -> bool:
        """Return whether every part was as it must be."""
        scenes = all(scene.held for scene in self.scenes)
        return scenes and self.ledger.verified and self.tamper_found and self.stopped_clean

    def document(self) -> dict[str, object]:
        """Return what `mash demo --json` prints."""
        return {
            "log": self.log,
            "requests": [{"name": scene.name, "held": scene.held, **scene.shown.document} for scene in self.scenes],
            "ledger": self.ledger.document(),
            "tamper_found": self.tamper_found,
            "seconds": round(self.seconds, 2),
            "cold_start_seconds": round(self.cold_start_seconds, 2),
            "ok": self.held,
        }


def answered(shown: RequestShown, statuses: Mapping[str, str]) -> bool:
    """Return whether every organisation answered with its expected status, recorded."""
    answers = shown.document["answers"]
    told = {name: one["status"] for name, one in answers.items()}
    return shown.stands is Stands.COMPLETE and told == statuses and all(one["recorded"] for one in answers.values())


def everybody_has_items(shown: RequestShown) -> bool:
    """RED: all four organisations send items, health's signed by a person, and all are recorded in the ledger."""
    answers = shown.document["answers"]
    signed = answers.get("health", {}).get("approved_by") == "health-pr-01"
    items = all(one["items"] and one["recorded"] for one in answers.values())
    return shown.stands is Stands.COMPLETE and len(answers) == 4 and items and signed


def referred(shown: RequestShown) -> bool:
    """AMBER without agreement: a person must decide, and nothing was sent."""
    document = shown.document
    kept_back = shown.stands is Stands.REFUSED and not document["answers"]
    return kept_back and document["hub_decision"]["outcome"] == "REFER"


def overridden(shown: RequestShown) -> bool:
    """AMBER with another manager's override: the request is sent and answered."""
    document = shown.document
    answered_by_all = shown.stands is Stands.COMPLETE and len(document["answers"]) == 4
    return answered_by_all and document["hub_decision"]["outcome"] == "PERMIT"


def limb_named(shown: RequestShown) -> bool:
    """GREEN: special-category data drop out at the school, and its gate names the missing limb."""
    school = shown.document["answers"].get("education")
    if shown.stands is not Stands.COMPLETE or school is None:
        return False
    dropped = [one["reason"] for one in school["decision"]["dropped"] if one["data_class"] == "SPECIAL"]
    special = any(item["data_class"] == "SPECIAL" for item in school["items"])
    return (
        dropped == ["NO_CONSENT_REASON"]
        and "no_consent_reason" in school["decision"]["missing_evidence"]
        and not special
    )


def uncertain(shown: RequestShown) -> bool:
    """A twin: the match is uncertain, and no candidate is disclosed."""
    return answered(shown, {"police": "MATCH_UNCERTAIN"}) and not shown.document["answers"]["police"]["items"]


def withheld(shown: RequestShown) -> bool:
    """A restricted patient: held and withheld, with no items."""
    return answered(shown, {"health": "HELD_WITHHELD"}) and not shown.document["answers"]["health"]["items"]


Check = Callable[[RequestShown], bool]
