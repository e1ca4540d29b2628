"""`mash init --profile FILE`: a partnership that we never heard of, on its own protocol; faults by file, key, rule."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broker.errors import UsageError
from broker.exchange.public_file import PublicFile
from broker.partnership.profile import PROFILES, load_profile
from tests.packaged_tables import LAW, northamptonshire

Form = Callable[..., Path]


@pytest.fixture
def sheffield(tmp_path: Path) -> Path:
    """A partnership of our own: its profile, and a protocol that differs in one row."""
    folder = Path(shutil.copytree(PROFILES / "northamptonshire", tmp_path / "sheffield"))
    change(folder / "profile.toml", 'partnership = "northants"', 'partnership = "sheffield"')
    change(folder / "protocol.toml", "northamptonshire-2026-11.3", "sheffield-2026-12.1")
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, "the packaged profile has changed; change this test with it"
    path.write_text(text.replace(old, new, 1), "utf-8")


def refused(path: Path) -> list[str]:
    """Every fault of a profile, without the place of its file."""
    with pytest.raises(UsageError) as caught:
        load_profile(str(path))
    return [line.removeprefix(f"{path.parent}/") for line in str(caught.value).splitlines()]


def test_every_packaged_profile_has_its_own_protocol() -> None:
    for folder in PROFILES.iterdir():
        loaded = load_profile(folder.name)
        assert loaded.files == {
            PublicFile.PROFILE: (folder / "profile.toml").read_bytes(),
            PublicFile.PROTOCOL: (folder / loaded.profile.gate.local).read_bytes(),
            PublicFile.LAW: LAW,
        }


def test_another_partnership_decides_by_its_own_row_under_its_own_version(
    mash: Any, tmp_path: Path, sheffield: Path, form: Form
) -> None:
    """Both gates: the request that Northamptonshire permits at RED is denied by the one row that differs."""
    change(
        sheffield / "protocol.toml",
        'verdict = "PASS" # RED passes: agreement is not needed, and asking for it must not delay',
        'verdict = "DENY"\nreasons = ["RAG_NOT_ALLOWED"]',
    )
    home = tmp_path / "home"
    made = mash("init", home, "--profile", sheffield / "profile.toml", "--org", "police=POLICE", "--json")
    assert (made.code, made.document["partnership"]) == (0, "sheffield")
    mash("init", tmp_path / "northants", "--org", "police=POLICE")
    request = form()
    for side in ("hub", "police"):
        ours = mash("gate", "explain", home, "--file", request, "--as", side, "--json").document
        assert (ours["outcome"], ours["reasons"]) == ("DENY", ["RAG_NOT_ALLOWED"])
        assert ours["table_version"] == "england-2026-11.3/sheffield-2026-12.1"
        theirs = mash("gate", "explain", tmp_path / "northants", "--file", request, "--as", side, "--json").document
        assert (theirs["outcome"], theirs["table_version"]) == ("PERMIT", northamptonshire().version)
        assert ours["table_hash"] != theirs["table_hash"]


def test_the_source_may_change_or_go_once_the_home_is_made(
    mash: Any, tmp_path: Path, sheffield: Path, form: Form
) -> None:
    """HOME has its own copies, under the digests that the directory pins."""
    mash("init", tmp_path / "home", "--profile", sheffield / "profile.toml", "--org", "police=POLICE")
    shutil.rmtree(sheffield)
    ran = mash("gate", "explain", tmp_path / "home", "--file", form(), "--as", "police", "--json")
    assert ran.document["table_version"].endswith("/sheffield-2026-12.1")


def test_a_path_needs_no_separator_and_no_ending_but_one_of_them(
    sheffield: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sheffield)
    shutil.copy("profile.toml", "profile")
    assert load_profile("profile.toml").profile.partnership == "sheffield"
    assert load_profile("./profile").profile.partnership == "sheffield"
    with pytest.raises(UsageError, match=r"no such profile; there are: northamptonshire; or give the path of"):
        load_profile("profile")


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('hub = "hub"', "", ["profile.toml: hub: is missing"]),
        ('hub = "hub"', "hub = 7", ["profile.toml: hub: input should be a valid string"]),
        ('hub = "hub"', 'hub = "hub"\ncolour = 1', ["profile.toml: colour: is no key of a profile"]),
        ("elapsed_minutes = 60", "elapsed_minutes = 0",
         ["profile.toml: clocks.RED.elapsed_minutes: input should be greater than 0"]),
        ("elapsed_minutes = 60", "elapsed_minutes = 60\nworking_days = 1",
         ["profile.toml: clocks.RED: a clock is one of elapsed_minutes, working_minutes, working_days"]),
        ('zone = "Europe/London"', 'zone = "Europe/Londn"', ["profile.toml: clocks.hours.zone: no such time zone"]),
        ('police = "POLICE"', 'hub-audit = "POLICE"',
         ["profile.toml: organisations: must not be one of "
          "admin, broker, directory, hub, hub-audit, hub-screening, kafka"]),
        ('sw-014 = ["MASH_SOCIAL_WORKER"]', "sw-014 = []",
         ["profile.toml: register.hub.sw-014: tuple should have at least 1 item after validation, not 0"]),
        ('sw-014 = ["MASH_SOCIAL_WORKER"]', 'sw-014 = ["MASH_SOCIAL_WORK"]',
         ["profile.toml: register: no such title: MASH_SOCIAL_WORK"]),
        ('GREEN = "NONE"\n', "", ["profile.toml: review: needs each of RED, AMBER, GREEN"]),
        ('local = "protocol.toml"', 'local = "../northamptonshire/protocol.toml"',
         [r"profile.toml: gate.local: string should match pattern '^[A-Za-z0-9][A-Za-z0-9._-]*\.toml$'"]),
        ('[gate]\nlocal = "protocol.toml"', "", ["profile.toml: gate: is missing"]),
        ('local = "protocol.toml"', 'local = "protocols.toml"', ["protocols.toml: no such file or directory"]),
        ("[register.hub]", "[register.hub", ["profile.toml: not TOML: Expected ']' at the end of a table declaration"
                                     " (at line 74, column 14)"]),
    ],
)  # fmt: skip
def test_a_fault_of_a_profile_names_file_key_and_rule(sheffield: Path, old: str, new: str, says: list[str]) -> None:
    change(sheffield / "profile.toml", old, new)
    assert refused(sheffield / "profile.toml") == says


def test_a_word_that_is_none_is_told_with_those_there_are(sheffield: Path) -> None:
    change(sheffield / "profile.toml", '"SCREEN"', '"SCREENS"')
    change(sheffield / "profile.toml", 'police = "POLICE"', 'Police = "POLICE"')
    capability, name = refused(sheffield / "profile.toml")
    where = "profile.toml: title.MASH_SOCIAL_WORKER.grants.0.capabilities.1"
    assert capability.startswith(f"{where}: input should be 'RECEIVE', 'RATE', ")
    assert name == "profile.toml: organisations.Police: string should match pattern '^[a-z0-9][a-z0-9-]{0,62}$'"


def test_all_faults_are_told_at_once_a_line_each_and_nothing_is_made(
    mash: Any, tmp_path: Path, sheffield: Path
) -> None:
    profile = sheffield / "profile.toml"
    change(profile, 'hub = "hub"\n', "")
    change(profile, "working_days = 5", "working_days = -5")
    ran = mash("init", tmp_path / "home", "--profile", profile)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        f"mash: {profile}: hub: is missing",
        f"mash: {profile}: clocks.GREEN.working_days: input should be greater than 0",
    ]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('purpose = ["EARLY_HELP"], rag = ["RED", "AMBER", "BLUE"]', 'purpose = ["EARLY_HELP"], rag = ["RED", "AMBER"]',
         "protocol: no row matches purpose=EARLY_HELP rag=BLUE agreement=OBTAINED override=NONE duty=ON"),
        ('rag = ["RED", "AMBER", "BLUE"]', 'rag = ["RED", "AMBER", "GREEN", "BLUE"]',
         "protocol: rows L_EARLY_HELP_AGREED and L_EARLY_HELP_OTHER_RAG both match"),
        ('"LOOK_BACK_FULL"', '"LOOK_BACK_FUL"', "rag RAG_RED obligations 0: Input should be"),
        ('"sheffield-2026-12.1"', f'"{"s" * 60}"', "version: together with that of law.toml it is longer than 63"),
    ],
)  # fmt: skip
def test_a_fault_of_the_protocol_names_its_file_row_and_reason(
    mash: Any, tmp_path: Path, sheffield: Path, old: str, new: str, says: str
) -> None:
    """Found before anything is made, not by the first gate."""
    change(sheffield / "protocol.toml", old, new)
    ran = mash("init", tmp_path / "home", "--profile", sheffield / "profile.toml")
    assert ran.code == 2
    assert ran.error.startswith(f"mash: {sheffield / 'protocol.toml'}: {says}")
    assert not (tmp_path / "home").exists()
