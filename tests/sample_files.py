"""Files in the agencies' formats: the published samples, and an invented twin of each in the repository.

A twin bears its published file's name and has its structure, its coded values and its oddities; the people in it are
invented (`tests/samples`). Tests run over the twins always, and over the published samples where they lie beside the
repository or MASH_SAMPLES names their folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.skipped import ON_PUBLISHED_SAMPLES

HERE = Path(__file__).parent
PUBLISHED_FOLDER = Path(os.environ.get("MASH_SAMPLES", HERE.parents[1] / "shared" / "samples"))


@dataclass(frozen=True, kw_only=True)
class Samples:
    """A folder of sample files, and the people in them, as tests ask about them."""

    name: str
    folder: Path
    child: dict[str, str]
    """Held by police, health, education and the council, under a verified number."""
    other_child: dict[str, str]
    """Held by the council alone."""
    restricted: dict[str, str]
    """A patient whose address nobody may see."""
    patient: dict[str, str]
    """A patient whose address, at `patient_postcode`, is open."""
    patient_postcode: str
    infants: tuple[dict[str, str], dict[str, str]]
    """Twins, alike in all but their given names."""
    case: dict[str, str]
    """Whom probation supervises."""
    opaque_person: str
    """Who the housing file is about, by a word of its own."""
    texts: tuple[str, ...]
    """Words that stand in the records and are no field's name."""

    def __truediv__(self, path: str) -> Path:
        return self.folder / path


INVENTED = Samples(
    name="invented",
    folder=HERE / "samples",
    child={"given": "Wren", "family": "Inventley", "born": "2008-07-07", "nhs": "9990003009"},
    other_child={"given": "Avocet", "family": "Specimen", "born": "2008-12-02", "nhs": "9990003289"},
    restricted={"given": "Ibis", "family": "Madeupton", "born": "2005-04-02", "nhs": "9990003564"},
    patient={"given": "Heron", "family": "Testerton", "born": "2010-08-08", "nhs": "9990003491"},
    patient_postcode="ZE22AA",
    infants=(
        {"given": "Dunlin", "family": "Trialwell", "born": "2017-03-01"},
        {"given": "Fulmar", "family": "Trialwell", "born": "2017-03-01"},
    ),
    case={"given": "Merle", "family": "Offenderson", "born": "2019-06-10", "crn": "X990002"},
    opaque_person="S5D_drP5bL1D5strKR7keY",
    texts=("9990003076", "Invented Row", "Calm Corner"),
)
PUBLISHED = Samples(
    name="published",
    folder=PUBLISHED_FOLDER,
    child={"given": "Octavia", "family": "Chislett", "born": "2008-09-20", "nhs": "9691292211"},
    other_child={"given": "Briar", "family": "Anderton", "born": "2009-02-15", "nhs": "9449306613"},
    restricted={"given": "Janet", "family": "Smythe", "born": "2005-06-16", "nhs": "9000000025"},
    patient={"given": "Jane", "family": "Smith", "born": "2010-10-22", "nhs": "9000000009"},
    patient_postcode="LS16AE",
    infants=(
        {"given": "Jaina", "family": "Solo", "born": "2017-05-15"},
        {"given": "Jacen", "family": "Solo", "born": "2017-05-15"},
    ),
    case={"given": "Matt", "family": "Nolan", "born": "2019-08-24", "crn": "A123123"},
    opaque_person="A3L_dqR9dU4J2iwoLA2wsA",
    texts=("9449306494", "Burton Street", "Minds Matter"),
)
SETS = (INVENTED, PUBLISHED)


def present(samples: Samples) -> Samples:
    """Return these samples where they are here; skip the test where they are not."""
    if not samples.folder.is_dir():
        pytest.skip(ON_PUBLISHED_SAMPLES)
    return samples
