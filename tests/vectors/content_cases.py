"""Vectors that must be refused once opened: a real key signed them, but what is sealed is not what it should be."""

from __future__ import annotations

from collections.abc import Callable

from schemas.codec import decode, encode_parts
from schemas.exchange import Content, Envelope
from schemas.family import FamilyInformed
from schemas.request import InformationRequest, RequestCommon
from schemas.vocabulary import Birth, Kind, NotInformedReason
from tests.vectors.forge import Forgery
from tests.vectors.vector_case import Case, flip, honest, insider, letter
from tests.vectors.vector_world import World

OTHER_REQUEST = "019ab0e8-2c00-7000-8000-00000000000f"


def cases(world: World) -> list[Case]:
    """Return them all."""
    return [*_splices(world), *_paddings(world), *_parts(world), *_people(world)]


def _splices(world: World) -> list[Case]:
    other = decode(Envelope, honest(world, "other-request", letter(Kind.REQUEST)).value)
    return [
        insider(
            world,
            "spliced-wrap",
            "WRAP_NOT_OURS",
            "the wrap of another envelope, signed over: a wrap is bound to its header and ciphertext",
            Forgery(envelope=lambda made: made.model_copy(update={"wraps": other.wraps})),
        ),
        insider(
            world,
            "spliced-ciphertext",
            "WRAP_NOT_OURS",
            "ciphertext and wrap of another envelope under a new header",
            Forgery(
                envelope=lambda made: made.model_copy(update={"ciphertext": other.ciphertext, "wraps": other.wraps})
            ),
        ),
        insider(
            world,
            "wrong-content-key",
            "CIPHERTEXT_ALTERED",
            "the wrapped key is not the one it was encrypted with",
            Forgery(wrapped_key=flip),
        ),
        insider(
            world,
            "short-content-key",
            "CIPHERTEXT_ALTERED",
            "a wrapped key of 16 bytes: AES-128 is not in the suite",
            Forgery(wrapped_key=lambda key: key[:16]),
        ),
    ]


def _paddings(world: World) -> list[Case]:
    def padded(name: str, expect: str, why: str, change: Callable[[bytes], bytes]) -> Case:
        return insider(world, name, expect, why, Forgery(padded=change))

    def one_longer(made: bytes) -> bytes:
        return (int.from_bytes(made[:4], "big") + 1).to_bytes(4, "big") + made[4:]

    return [
        padded("padding-byte-set", "PADDING", "a padding byte carries data out", lambda made: flip(made, -1)),
        padded(
            "padding-too-long",
            "PADDING",
            "zeros to the next bucket: their number carries data out",
            lambda made: made + bytes(len(made)),
        ),
        padded("padding-too-short", "PADDING", "less than the bucket: the size shows", lambda made: made[:-4096]),
        padded(
            "length-beyond-end",
            "PADDING",
            "the length says more than there is",
            lambda made: b"\0\0\xff\xff" + made[4:],
        ),
        padded("content-trailing-byte", "MALFORMED", "the length takes one padding byte in", one_longer),
    ]


def _parts(world: World) -> list[Case]:
    def mismatch(name: str, why: str, change: Callable[[Content], Content]) -> Case:
        return insider(world, name, "PART_MISMATCH", why, Forgery(content=change))

    def first_part(made: Content) -> Content:
        return made.model_copy(update={"parts": (flip(made.parts[0], 5), *made.parts[1:])})

    def first_salt(made: Content) -> Content:
        return made.model_copy(update={"salts": (flip(made.salts[0]), made.salts[1])})

    return [
        mismatch("part-changed", "a part other than the one that was hashed", first_part),
        mismatch("salt-changed", "a salt other than the one that was hashed with", first_salt),
        mismatch(
            "parts-swapped",
            "both parts with their salts, the other way round",
            lambda made: Content(salts=made.salts[::-1], parts=made.parts[::-1]),
        ),
        mismatch(
            "part-missing",
            "one part fewer than were signed for",
            lambda made: Content(salts=made.salts[:1], parts=made.parts[:1]),
        ),
        mismatch(
            "salt-missing",
            "one salt fewer than there are parts",
            lambda made: made.model_copy(update={"salts": made.salts[:1]}),
        ),
        insider(
            world,
            "part-trailing-byte",
            "MALFORMED",
            "a part with a byte behind it, its hash right",
            Forgery(part=lambda made: made + b"\0"),
        ),
        insider(
            world,
            "spliced-request",
            "SPLICED",
            "the header names another request than the content",
            Forgery(),
            written=letter(Kind.REQUEST, request_id=OTHER_REQUEST),
        ),
        insider(
            world,
            "request-id-left-out",
            "SPLICED",
            "the content names a request, the header none",
            Forgery(),
            written=letter(Kind.REQUEST, request_id=None),
        ),
    ]


def _people(world: World) -> list[Case]:
    """Return requests that break a rule of the record itself: no sender is trusted to have checked (S1, S8)."""
    golden = letter(Kind.REQUEST).record
    assert isinstance(golden, InformationRequest)
    child, other, *_ = golden.common.people

    def said(name: str, why: str, **changes: object) -> Case:
        common: RequestCommon = golden.common.model_copy(update={"agreements": (), "gdpr_consent": None} | changes)
        part = encode_parts(golden.model_copy(update={"common": common}))[0]
        return insider(world, name, "MALFORMED", why, Forgery(part=lambda _: part))

    def people(name: str, why: str, *named: object) -> Case:
        return said(name, why, people=named)

    nameless = {"given_names": (), "family_name": " "}
    return [
        people("no-subject-child", "a request about nobody's child: no answer could say whom it is about", other),
        people("two-subject-children", "two subject children", child, child.model_copy(update={"ref": "p9"})),
        people("one-ref-twice", "a justified person lends the ref", child, other.model_copy(update={"ref": child.ref})),
        people("nobody-by-name", "a child without a name", child.model_copy(update=nameless)),
        people("no-role", "somebody in no role", child, other.model_copy(update={"roles": ()})),
        people("dated-and-unknown", "a date of birth that is said not to be known", child.model_copy(update=UNKNOWN)),
        people("two-lines-in-a-name", "a name that draws a second line", child.model_copy(update=TWO_LINES)),
        said(
            "agreed-by-nobody",
            "agreement of somebody who is not asked about",
            agreements=(golden.common.agreements[0].model_copy(update={"person": "p9"}),),
        ),
        said("text-that-reorders", "a right-to-left override in a text", threshold_statement="harm \u202eno"),
        said("told-without-a-note", "OTHER without a note says nothing", family_informed=_silent(golden.common)),
    ]


UNKNOWN = {"birth": Birth.UNKNOWN}
TWO_LINES = {"family_name": "Testerton\nhealth SUMMARY"}


def _silent(common: RequestCommon) -> FamilyInformed:
    return common.family_informed.model_copy(update={"reason": NotInformedReason.OTHER, "note": None})
