"""How housing is put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.sentences import dated, labelled, labelled_period, where_yes
from agents.sdk.mapping.values import Fields


def _homelessness(fields: Fields) -> str:
    priority = {True: " In priority need.", False: " Not in priority need.", None: ""}[fields.yes_no("priorityNeed")]
    return f"Homelessness application: {fields.text()}.{priority}"


NARRATIVES: Final[Narratives] = {
    "housing.tenancy": {
        "/tenancy": labelled_period("Tenancy"),
        "/overcrowded": where_yes("The home is recorded as overcrowded."),
        "/hazards": labelled("Hazards in the home"),
        "/arrears": where_yes("Rent is in arrears."),
        "/evictionNotice": dated("Notice of eviction"),
        "/accessRefused": dated("Access to the home was refused"),
        "/antisocialBehaviour": dated("Antisocial behaviour was reported"),
    },
    "housing.homelessness": {
        "/status": _homelessness,
        "/temporaryAccommodation": labelled("Temporary accommodation"),
    },
}
"""The mapping of every row of `release.toml` that releases an item."""
