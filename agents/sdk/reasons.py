"""What to do about each reason in the account of an import, in one sentence. Every word that a format says has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MEND: Final = "have it put right in the case system, and export it again"

REASONS: Final[Mapping[str, str]] = {
    # whole files
    "NOT_READABLE": "let the account that runs this command read the file",
    "TOO_LARGE": "export it in several files",
    "TOO_MANY_VALUES": "export it in several files",
    "LINE_TOO_LONG": "export it again: no record has a line so long",
    "NOT_TEXT": "export it as UTF-8",
    "NOT_JSON": "export it again: the file is damaged, or no JSON",
    "NOT_XML": "export it again: the file is no XML, or one with a document type, which is not read",
    "NOT_CSV": "export it again: the file is damaged, or no CSV",
    "DUPLICATE_KEYS": "export it again: one key stands twice in one object, and it cannot be told which is meant",
    "UNKNOWN_FORMAT": "name the format with --format; the documentation lists those of each sector",
    "NO_HEADER": "export it with its column headings in the first line",
    "MISSING_COLUMNS": "let the mapping file name the columns as the export has them",
    "WRONG_COLUMNS": "export it again: the line has other columns than the heading",
    "WRONG_SECTOR": "give the file to the organisation of its own sector",
    "UNKNOWN_BUNDLE": "export a collection or a search result: a history or a batch is no list of records",
    "FAULT": "tell the maintainers: the file was read by nobody, and the others were",
    "DISK_FULL": "make room, and import the file again",
    "FEWER_THAN_HELD": "see that the export is whole; if it is, say --fewer",
    # whose records they are
    "NO_SUBJECT": "name whom the file is about with --person",
    "SEVERAL_SUBJECTS": "split the file: it is about several people, and --person names one",
    "AMBIGUOUS": "export it again: two records answer to one reference",
    "BINDING_NOT_USED": "nothing, if the person in the file is whom --person names: the file says it itself",
    "OPAQUE_PERSON_ID": "nothing: the person is known by the system's own key only",
    "OTHER_PERSON_REPLACED": "look: a record has moved to another person, and the first no longer has it",
    "ID_OF_ANOTHER_PERSON": "say --source: an id was another person's before, and both records are kept",
    "SAME_IDS_AS_ANOTHER_FILE": "say --source if this is the next export of one system, so that it replaces the last",
    "CONFLICTING_BIRTH_DATES": "find out which date of birth is right: two records of one number differ",
    # records
    "UNKNOWN_RECORD_TYPE": "ask the maintainers for a row: no one reads such records yet",
    "UNKNOWN_VERSION": "export the version that is read",
    "WRONG_SHAPE": _MEND,
    "DUPLICATE_RECORD": "export it again: two records have one id",
    "UNKNOWN_MODIFIER": "a person must read it: something in the record changes what it means",
    "ENTERED_IN_ERROR": "nothing: the record is an error, and is not held any more",
    "REFUTED": "nothing: the record says that it is not so",
    "CANCELLED": "nothing: the record says that it did not come about",
    "DELETED": "nothing: the record is deleted, and is not held any more",
    "OLDER_VERSION": "nothing: a newer version is held",
    "WITHDRAWN_BEFORE": "nothing, or export the newer version: its owner withdrew this record",
    "REMOVED_BEFORE": "nothing: a person removed this record for good",
    "INACTIVE": "a person must look: the system says that this record of a person is not in use",
    "NO_ITEM": "nothing, or tell the maintainers: the record holds nothing that is read",
    "ENDED": "nothing: it ended before today",
    "DECEASED": "nothing: the record says that the person died",
    "CHANGE_NOT_READ": "export the records as they are now: a change alone cannot be read",
    "NO_ENTRIES": "look whether the export is whole: the file has no records in it",
    # values
    "OUT_OF_RANGE": _MEND,
    "UNREADABLE_TEXT": _MEND,
    "NOT_A_DATE": _MEND,
    "UNKNOWN_WORD": "ask the maintainers for the word, or " + _MEND,
    "INCOMPLETE": _MEND,
    "TOO_LONG": _MEND,
    "SHORTENED": "nothing: the text was longer than is shown",
    "NOT_TOLD": "nothing: it is kept and not told",
    "PLACEHOLDER": "have the true value put in: this one stands for not known",
    "WRONG_LENGTH": "have the number put right: it is not searched by",
    "WRONG_FORM": "have the number put right: it is not searched by",
    "INVALID_CHECK": "have the number put right: its check digit is wrong, and it is not searched by",
    "NOT_VERIFIED": "nothing: the system says that the number was not verified",
    "SUPERSEDED": "nothing: the number was replaced by another, and both are this person's",
    # what a service answered
    "TOO_MANY_MATCHES": "ask the service again with more of the person's details",
    "RESOURCE_NOT_FOUND": "nothing: the service does not hold the person",
    "INVALIDATED_RESOURCE": "nothing: the service does not use that number any more",
    "ACCESS_DENIED": "ask the service for access",
    "OPERATION_OUTCOME": "see what the service answered: it is no record",
    # what is missing
    "NEXT_PAGE": "fetch the other pages, and import them",
    "MORE_THAN_HERE": "fetch the rest: the source says that it holds more",
    "SOURCE_ERROR": "see what the source says went wrong, and export again",
    "SUPPRESSED": "ask the source what it left out",
}
"""Remedy by reason."""

UNKNOWN: Final = "see the documentation of imports"


def what_to_do(reason: str) -> str:
    """Return the remedy of a reason."""
    return REASONS.get(reason, UNKNOWN)
