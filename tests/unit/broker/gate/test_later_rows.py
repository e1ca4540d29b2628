"""Later rows are data: what the engine does with a purpose is read from both tables, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.packaged_tables import LAW, PROTOCOL, changed, northamptonshire

MISSING = """
[[protocol]]
id = "L_MISSING"
when = { purpose = ["MISSING_EXPLOITATION"] }
cites = ["ref 2.7 P6"]
verdict = "PASS"
"""
MISSING_BASE = """state = "BUILT"

[[base.basis]]
id = "P6_ANY"
cites = ["ref 2.7 P6"]
article_6 = "6_1_E_PUBLIC_TASK"
gateways = ["CA04_S10", "CA04_S11"]
"""


LATER = {
    "protocol": changed(PROTOCOL, '    "MISSING_EXPLOITATION",\n', "") + MISSING.encode(),
    "law": changed(LAW, 'cites = ["ref 2.7 P6"]\nstate = "NOT_BUILT"\n', f'cites = ["ref 2.7 P6"]\n{MISSING_BASE}'),
}


@pytest.fixture
def missing(form: dict[str, Any]) -> dict[str, Any]:
    return {**form, "purpose": "MISSING_EXPLOITATION", "data_classes": ["ORDINARY"]}


def test_purpose_passes_where_both_layers_have_a_row(missing, context, decide) -> None:
    """Ref 2.8 steps 3 and 4: what the partnership agreed is no law, and the law alone is no protocol."""
    assert decide.permitted(missing, context("police"), by=northamptonshire(**LATER)).decision.rows == (
        "P6",
        "D1",
        "D5",
    )
    for layer in LATER:
        decision = decide.refused(missing, context("police"), by=northamptonshire(**{layer: LATER[layer]})).decision
        assert decision.reasons == ("NOT_IMPLEMENTED_ROW",)
