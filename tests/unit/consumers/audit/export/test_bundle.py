"""The bundle: a stranger offline finds what we would find, and no byte of the file means nothing."""

from __future__ import annotations

import io
import random
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import FileSigner
from broker.errors import RejectedError, UsageError
from broker.transparency.follow import open_own
from broker.transparency.note import sign_checkpoint
from consumers.audit.export import archive
from consumers.audit.export.archive import read_archive, write_archive
from consumers.audit.export.bundle import export_bundle, verify_bundle
from consumers.audit.export.contents import contents_of, files_of
from consumers.audit.verification.report import LedgerReport

SECRET_CASE = "C-SECRET-0815"


def kinds(report: LedgerReport) -> set[str]:
    return {problem.kind.value for problem in report.problems}


def rejected(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


class Exported:
    def __init__(self, audit: Any) -> None:
        self.audit = audit
        self.partnership = audit.partnership
        self.roots = {name: signer.public_key for name, signer in audit.partnership.roots.items()}
        self.directories = [audit.partnership.signed(audit.partnership.directory())]
        self.path: Path = audit.folder / "bundle.zip"

    def write(self, **changes: Any) -> LedgerReport:
        with closing(self.audit.open()) as database:
            parts: dict[str, Any] = {
                "database": database,
                "partnership": self.audit.name,
                "directories": self.directories,
                "roots": self.roots,
                "crypto": self.partnership.crypto,
            }
            return export_bundle(self.path, **(parts | changes))

    def verify(self, *, roots: Mapping[str, bytes] | None = None) -> LedgerReport:
        return verify_bundle(self.path, roots=roots, crypto=self.partnership.crypto)

    def rewrite(self, **changes: bytes | None) -> None:
        """Zip the files again, properly, with some of them changed or (None) gone."""
        files = read_archive(self.path) | changes
        write_archive(self.path, {name: data for name, data in files.items() if data is not None})


@pytest.fixture
def exported(audit: Any) -> Exported:
    audit.filled(1, 3, 2)
    made = Exported(audit)
    made.write()
    return made


# ---------------------------------------------------------------- what is in it


def test_stranger_finds_what_we_find(exported: Exported) -> None:
    ours = exported.audit.check()
    for report in (exported.verify(roots=exported.roots), exported.verify()):
        assert (report.size, report.root, report.verified, report.problems) == (6, ours.root, True, ())


def test_without_pins_the_fingerprints_are_given_to_compare(exported: Exported) -> None:
    notes = exported.verify().notes
    assert len(notes) == 2
    assert all(name in note for name, note in zip(("hub", "police"), notes, strict=True))
    assert exported.verify(roots=exported.roots).notes == ("checked against the root keys that were given",)


def test_it_holds_the_files_that_stock_tools_expect(exported: Exported) -> None:
    names = set(read_archive(exported.path))
    assert {"README.txt", "manifest.json", "checkpoint", "leaves.jsonl"} <= names
    assert {"tile/0/000.p/6", "tile/entries/000.p/6"} <= names
    assert {"checkpoints/00000001", "checkpoints/00000002", "checkpoints/00000003"} <= names
    assert "directory/directory-00000001.avro" in names


def test_it_is_an_ordinary_zip(exported: Exported) -> None:
    with zipfile.ZipFile(exported.path) as opened:
        assert opened.testzip() is None
        assert b"compare it with what that organisation tells you" in opened.read("README.txt")


def test_nothing_secret_is_in_it(exported: Exported) -> None:
    data = exported.path.read_bytes()
    with closing(sqlite3.connect(exported.audit.path)) as connection:
        parts = connection.execute("SELECT skeleton, personal FROM ledger_leaf").fetchall()
        keys = connection.execute("SELECT wrapped FROM ledger_personal_key").fetchall()
    assert SECRET_CASE.encode() not in data
    assert not any(value in data or value.hex().encode() in data for row in (*parts, *keys) for value in row)


def test_the_same_ledger_gives_the_same_bytes(exported: Exported) -> None:
    first = exported.path.read_bytes()
    exported.write()
    assert exported.path.read_bytes() == first


def test_erased_leaves_change_nothing_in_it(exported: Exported) -> None:
    first = exported.path.read_bytes()
    with closing(exported.audit.open()) as database, database.transaction() as transaction:
        ((event_id, sender),) = transaction.execute("SELECT event_id, sender FROM ledger_leaf WHERE idx = 2")
    with closing(exported.audit.open()) as database:
        exported.audit.ledger(database).erase(event_id, sender=sender, now=exported.partnership.now)
    assert exported.write().verified
    assert exported.path.read_bytes() == first


def test_ledger_of_many_tiles_and_pages(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    audit.filled(150, 110)
    monkeypatch.setattr("consumers.audit.export.bundle.PAGE", 7)
    made = Exported(audit)
    report = made.write()
    assert (report.size, report.verified, report.problems) == (260, True, ())
    assert {"tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1"} <= set(read_archive(made.path))


# ---------------------------------------------------------------- any changed byte


def test_any_flipped_bit_is_found_or_makes_it_unreadable(exported: Exported) -> None:
    whole = exported.path.read_bytes()
    chance = random.Random(20261123)
    for _ in range(300):
        place = chance.randrange(len(whole))
        flipped = bytes([whole[place] ^ (1 << chance.randrange(8))])
        exported.path.write_bytes(whole[:place] + flipped + whole[place + 1 :])
        with pytest.raises(RejectedError):
            exported.verify()


def test_any_cut_or_addition_makes_it_unreadable(exported: Exported) -> None:
    whole = exported.path.read_bytes()
    for data in (b"", whole[:-1], whole[: len(whole) // 2], whole[1:], whole + b"\0", b"\0" + whole):
        exported.path.write_bytes(data)
        with pytest.raises(RejectedError):
            exported.verify()


def test_any_byte_changed_by_somebody_who_can_zip_is_found(exported: Exported) -> None:
    """With its check sums made good again: every byte of every file is tied to a signature or to the format."""
    whole = read_archive(exported.path)
    original = exported.path.read_bytes()
    chance = random.Random(20261124)
    for name, data in whole.items():
        for place in {0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(6))}:
            flipped = data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]
            exported.rewrite(**{name: flipped})
            try:
                report = exported.verify()
            except RejectedError:
                pass
            else:
                assert not report.verified, (name, place)
            exported.path.write_bytes(original)


def test_any_missing_or_added_file_is_found(exported: Exported) -> None:
    original = exported.path.read_bytes()
    for name in (*read_archive(exported.path), "tile/0/001.p/1", "checkpoints/00000009", "extra"):
        exported.rewrite(**{name: b"" if name not in read_archive(exported.path) else None})
        try:
            report = exported.verify()
        except RejectedError:
            pass
        else:
            assert not report.verified, name
        exported.path.write_bytes(original)


def test_name_of_a_strangers_file_is_not_repeated(exported: Exported) -> None:
    exported.rewrite(**{"\x1b[2Jextra": b""})
    report = exported.verify()
    assert kinds(report) == {"ALTERED_BUNDLE"}
    assert "extra" not in repr(report)


@pytest.mark.parametrize(
    "change",
    [
        {"compress_type": zipfile.ZIP_DEFLATED},
        {"date_time": (2026, 11, 23, 10, 0, 0)},
        {"comment": b"hidden"},
        {"extra": b"\x99\x99\x04\x00hide"},
        {"external_attr": 0},
    ],
)
def test_other_spelling_of_the_same_files_is_refused(exported: Exported, change: dict[str, Any]) -> None:
    files = read_archive(exported.path)
    with zipfile.ZipFile(exported.path, "w") as opened:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            for key, value in change.items():
                setattr(info, key, value)
            opened.writestr(info, files[name])
    with pytest.raises(RejectedError):
        exported.verify()


def test_compressed_file_is_refused_before_it_is_inflated(exported: Exported) -> None:
    with zipfile.ZipFile(exported.path, "w", compression=zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a", "does not deflate")
    rejected("BUNDLE_UNREADABLE", exported.verify)


def test_zip_bomb_is_refused_before_it_is_read(exported: Exported) -> None:
    """Many entries for the same bytes: small as a file, endless as files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as opened:
        opened.writestr("bomb", b"\0" * 4096)
        info = opened.infolist()[0]
        opened.filelist += [info] * 1000
    exported.path.write_bytes(data.getvalue())
    rejected("BUNDLE_UNREADABLE", exported.verify)


def test_encrypted_zip_is_refused(exported: Exported) -> None:
    whole = exported.path.read_bytes()
    marked = whole.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01")
    exported.path.write_bytes(marked.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"))
    rejected("BUNDLE_UNREADABLE", exported.verify)


# ---------------------------------------------------------------- what cannot be trusted


def test_directory_of_strangers_roots_is_not_trusted(exported: Exported) -> None:
    """Anybody can make a perfect bundle of their own: only the pins tell whose it is."""
    pins = {name: FileSigner(bytes([number]) * 32).public_key for number, name in enumerate(("hub", "police"), 1)}
    report = exported.verify(roots=pins)
    assert not report.verified
    assert {"UNTRUSTED_DIRECTORY", "UNKNOWN_KEY", "ALTERED_CHECKPOINT"} <= kinds(report)


def test_one_good_pin_is_not_enough(exported: Exported) -> None:
    report = exported.verify(roots={"police": exported.roots["police"]})
    assert not report.verified
    assert "UNTRUSTED_DIRECTORY" in kinds(report)


def test_other_roots_in_the_bundle_than_the_pinned_ones_are_found(exported: Exported) -> None:
    """Whoever compares the fingerprints that a bundle carries must see the ones that were checked."""
    whole = contents_of(read_archive(exported.path))
    lie = (("hub", FileSigner(bytes([3]) * 32).public_key), whole.roots[1])
    write_archive(exported.path, files_of(replace(whole, roots=lie)))
    report = exported.verify(roots=exported.roots)
    assert [one.detail for one in report.problems] == ["it carries another root key of hub"]
    assert not report.verified


def test_third_signature_that_nobody_can_check_is_found(exported: Exported) -> None:
    partnership = exported.partnership
    partnership.roots["health"] = FileSigner(bytes(range(32)))
    signed = partnership.signed(partnership.directory(), by=("hub", "police", "health"))
    report = exported.write(directories=[signed])
    assert (report.verified, kinds(report)) == (False, {"UNTRUSTED_DIRECTORY"})
    exported.roots["health"] = partnership.roots["health"].public_key
    assert exported.write(directories=[signed]).verified


def test_keys_that_changed_are_found_in_the_older_directory(exported: Exported) -> None:
    partnership, audit = exported.partnership, exported.audit
    partnership.signers["police"] = FileSigner(bytes([7]) * 32)
    partnership.signers["hub-audit"] = FileSigner(bytes([8]) * 32)
    newer = partnership.signed(partnership.directory(version=2))
    partnership.trusted = partnership.trust(newer)
    with closing(audit.open()) as database:
        audit.record(database, audit.placed(audit.event("police")))
    report = exported.write(directories=[*exported.directories, newer])
    assert (report.verified, report.size) == (True, 7)
    assert not exported.write(directories=[newer]).verified


def test_history_cut_at_an_older_checkpoint_says_its_size(exported: Exported) -> None:
    """A true prefix is true: the reader sees how far it goes, and compares it with the checkpoints of others."""
    whole = contents_of(read_archive(exported.path))
    write_archive(exported.path, files_of(replace(whole, notes=whole.notes[:2], leaves=whole.leaves[:4])))
    report = exported.verify()
    assert (report.size, report.verified) == (4, True)


def test_checkpoint_left_out_between_two_is_found(exported: Exported) -> None:
    whole = contents_of(read_archive(exported.path))
    write_archive(exported.path, files_of(replace(whole, notes=(whole.notes[0], whole.notes[2]))))
    assert kinds(exported.verify()) == {"MISSING_CHECKPOINT"}


def test_leaves_beyond_the_last_checkpoint_are_found(exported: Exported) -> None:
    whole = contents_of(read_archive(exported.path))
    write_archive(exported.path, files_of(replace(whole, notes=whole.notes[:2])))
    assert kinds(exported.verify()) == {"MISSING_CHECKPOINT"}


def test_checkpoint_that_lists_another_event_is_found(exported: Exported) -> None:
    """Its root is right, so the tree is; but somebody was told that an event is recorded which is not."""
    audit, signer = exported.audit, exported.partnership.signers["hub-audit"]
    whole = contents_of(read_archive(exported.path))
    keys, crypto = [signer.public_key], exported.partnership.crypto
    last = open_own(whole.notes[2], origin=audit.origin, public_keys=keys, crypto=crypto)
    lie = replace(last.leaves[0], event_id="0190a5b2-7c3d-7e4f-8a1b-000000000001")
    note = sign_checkpoint(replace(last, leaves=(lie, *last.leaves[1:])), signer, audit.origin)
    write_archive(exported.path, files_of(replace(whole, notes=(*whole.notes[:2], note))))
    assert [(one.kind.value, one.index) for one in exported.verify().problems] == [("ALTERED_LEAF", 4)]


def test_altered_ledger_is_exported_as_evidence_and_the_report_says_so(exported: Exported) -> None:
    with closing(sqlite3.connect(exported.audit.path)) as connection, connection:
        connection.execute("UPDATE ledger_leaf SET signature = zeroblob(64) WHERE idx = 1")
    report = exported.write()
    assert kinds(report) == {"BAD_SIGNATURE"}
    with closing(sqlite3.connect(exported.audit.path)) as connection, connection:
        connection.execute("UPDATE ledger_leaf SET header = x'00' WHERE idx = 1")
    assert {"ALTERED_LEAF", "ALTERED_CHECKPOINT"} <= kinds(exported.write())


def test_missing_leaf_stops_the_export(exported: Exported) -> None:
    with closing(sqlite3.connect(exported.audit.path)) as connection, connection:
        connection.execute("DELETE FROM ledger_leaf WHERE idx = 1")
    rejected("LEAF_MISSING", exported.write)


def test_empty_ledger_cannot_be_exported(audit: Any) -> None:
    with pytest.raises(UsageError, match="empty"):
        Exported(audit).write()


# ---------------------------------------------------------------- files


def test_failed_export_leaves_the_old_file_and_nothing_beside_it(
    exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, names = exported.path.read_bytes(), sorted(exported.audit.folder.iterdir())

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "_write", full)
    with pytest.raises(UsageError, match="no space left"):
        exported.write()
    assert exported.path.read_bytes() == before
    assert sorted(exported.audit.folder.iterdir()) == names


def test_file_that_is_not_there_is_a_mistake_of_the_command(exported: Exported) -> None:
    exported.path = exported.path.with_name("nowhere") / "bundle.zip"
    with pytest.raises(UsageError):
        exported.verify()
    with pytest.raises(UsageError):
        exported.write()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("manifest.json", b"{}", "BUNDLE_FORMAT"),
        ("manifest.json", b"[" * 100_000, "BUNDLE_MALFORMED"),
        ("manifest.json", b'{"format": "mash-ledger-bundle/1", "roots": 1}', "BUNDLE_MALFORMED"),
        ("manifest.json", b'{"format": "mash-ledger-bundle/1", "roots": {"a": "xx"}}', "BUNDLE_MALFORMED"),
        ("leaves.jsonl", b"{}\n", "BUNDLE_MALFORMED"),
        ("leaves.jsonl", b"7\n", "BUNDLE_MALFORMED"),
        ("leaves.jsonl", b'{"header": "!"}\n', "BUNDLE_MALFORMED"),
        ("leaves.jsonl", b'{"header": ""}\n', "BUNDLE_MALFORMED"),
        ("leaves.jsonl", b"", "BUNDLE_MALFORMED"),
        ("directory/directory-00000001.avro", b"junk", "BUNDLE_MALFORMED"),
    ],
)
def test_malformed_contents_are_refused_by_name(exported: Exported, name: str, data: bytes, reason: str) -> None:
    exported.rewrite(**{name: data})
    rejected(reason, exported.verify)


def test_rewritten_bundle_of_the_same_files_is_the_same(exported: Exported) -> None:
    before = exported.path.read_bytes()
    exported.rewrite()
    assert exported.path.read_bytes() == before
    assert replace(exported.verify(), notes=()) == replace(exported.verify(roots=exported.roots), notes=())
