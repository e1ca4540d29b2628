"""Identifiers: every example of the domain reference, and the values that only look right."""

import pytest

from schemas.identifiers import IdentifierFault, check
from schemas.vocabulary import IdentifierScheme as Scheme

VALID = [
    (Scheme.NHS, "9691292211"),
    (Scheme.NHS, "9449306613"),
    (Scheme.NHS, "9449305552"),
    (Scheme.NHS, "9000000009"),
    (Scheme.UPN, "A950000178301"),
    (Scheme.UPN, "H243278544154"),
    (Scheme.UPN, "H801200001001"),
    (Scheme.UPN, "T823432110123"),
    (Scheme.ULN, "9276308686"),
    (Scheme.PNC, "1976/7812661D"),
    (Scheme.PNC, "2002/0073319Z"),
    (Scheme.CRO, "097501/98T"),
    (Scheme.CRN, "A123123"),
    (Scheme.CRN, "P223458"),
    (Scheme.NOMS, "A1234BC"),
]

INVALID = [
    (Scheme.NHS, "9991234566", IdentifierFault.INVALID_CHECK),
    (Scheme.NHS, "0449310999", IdentifierFault.WRONG_FORM),
    (Scheme.NHS, "9912003890", IdentifierFault.INVALID_CHECK),
    (Scheme.NHS, "1111111111", IdentifierFault.PLACEHOLDER),
    (Scheme.NHS, "1234567890", IdentifierFault.PLACEHOLDER),
    (Scheme.NHS, "969129221", IdentifierFault.WRONG_LENGTH),
    (Scheme.NHS, "969129221X", IdentifierFault.WRONG_FORM),
    (Scheme.NHS, "", IdentifierFault.WRONG_FORM),
    (Scheme.NHS, "٩٦٩١٢٩٢٢١١", IdentifierFault.WRONG_FORM),
    (Scheme.UPN, "A123456789123", IdentifierFault.INVALID_CHECK),
    (Scheme.UPN, "UN3", IdentifierFault.PLACEHOLDER),
    (Scheme.UPN, "A000000000000", IdentifierFault.PLACEHOLDER),
    (Scheme.UPN, "I950000178301", IdentifierFault.WRONG_FORM),
    (Scheme.UPN, "A95000017830", IdentifierFault.WRONG_LENGTH),
    (Scheme.ULN, "9276308687", IdentifierFault.INVALID_CHECK),
    (Scheme.ULN, "9999999999", IdentifierFault.PLACEHOLDER),
    (Scheme.ULN, "9691292211", IdentifierFault.INVALID_CHECK),
    (Scheme.PNC, "1976/7812661E", IdentifierFault.INVALID_CHECK),
    (Scheme.PNC, "2004/13116M", IdentifierFault.INVALID_CHECK),
    (Scheme.PNC, "7812661D", IdentifierFault.WRONG_FORM),
    (Scheme.PNC, "1976/0000000D", IdentifierFault.PLACEHOLDER),
    (Scheme.CRO, "097501/98U", IdentifierFault.INVALID_CHECK),
    (Scheme.CRO, "97501", IdentifierFault.WRONG_FORM),
    (Scheme.CRN, "123123A", IdentifierFault.WRONG_FORM),
    (Scheme.CRN, "X000000", IdentifierFault.PLACEHOLDER),
    (Scheme.NOMS, "A1234B1", IdentifierFault.WRONG_FORM),
]


@pytest.mark.parametrize(("scheme", "value"), VALID)
def test_examples_of_the_issuers_are_valid(scheme, value):
    assert check(scheme, value).valid


@pytest.mark.parametrize(("scheme", "value", "fault"), INVALID)
def test_what_no_issuer_gave_out_says_why(scheme, value, fault):
    assert check(scheme, value).fault is fault


@pytest.mark.parametrize(
    ("scheme", "written", "canonical"),
    [
        (Scheme.NHS, " 969 129 2211 ", "9691292211"),
        (Scheme.NHS, "969-129-2211", "9691292211"),
        (Scheme.NHS, "969\u00a0129\u20132211", "9691292211"),
        (Scheme.UPN, "a950000178301", "A950000178301"),
        (Scheme.PNC, "76/7812661d", "1976/7812661D"),
        (Scheme.PNC, "19767812661D", "1976/7812661D"),
        (Scheme.PNC, "02/73319Z", "2002/0073319Z"),
        (Scheme.CRO, "97501/98T", "097501/98T"),
        (Scheme.CRN, "a123123", "A123123"),
    ],
)
def test_one_identifier_has_one_writing(scheme, written, canonical):
    checked = check(scheme, written)
    assert checked.valid
    assert checked.value == canonical


def test_a_temporary_upn_counts_its_last_letter():
    # 2*0 + ... + 13*place: with eleven zeros but one, only the last mark moves the check letter.
    permanent, temporary = "L801200001001", "X80120000100B"
    assert check(Scheme.UPN, "H801200001001").valid
    assert not check(Scheme.UPN, permanent).valid
    valid_letters = [letter for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if check(Scheme.UPN, letter + temporary[1:]).valid]
    assert valid_letters == ["H"]  # B counts as 1, as the digit 1 does


def test_every_single_wrong_digit_of_an_nhs_number_is_found():
    for place in range(10):
        for digit in "0123456789":
            typed = f"{'9691292211'[:place]}{digit}{'9691292211'[place + 1 :]}"
            assert check(Scheme.NHS, typed).valid == (typed == "9691292211")


def test_every_swap_of_neighbouring_digits_is_found():
    number = "9691292211"
    for place in range(9):
        typed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert check(Scheme.NHS, typed).valid == (typed == number)


def test_a_checked_value_is_not_in_its_repr():
    assert "9691292211" not in repr(check(Scheme.NHS, "9691292211"))
