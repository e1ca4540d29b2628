"""Who is asked about: roles, relations, and the numbers that people are known by."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class PersonRole(Word):
    """Who somebody is in a request, one or several; exactly one person is the SUBJECT_CHILD."""

    SUBJECT_CHILD = "SUBJECT_CHILD", "The child whom the request is about.", "ref 3.3; README, CODEC-9"
    SIBLING = "SIBLING", "A brother or sister of the child.", "ref 3.3"
    PARENT = "PARENT", "A parent of the child.", "ref 3.3; C7"
    CARER = "CARER", "Somebody else who looks after the child.", "ref 3.3"
    ADULT_VICTIM = "ADULT_VICTIM", "An adult who is or may be a victim of the abuse.", "ref 3.3; C19"
    ALLEGED_PERPETRATOR = "ALLEGED_PERPETRATOR", "Somebody who is said to have done the harm.", "ref 3.3; ref 2.7 D5"
    OTHER = "OTHER", "Somebody who has a part in it that no other word has.", "ref 2.7 D5"


class Relation(Word):
    """How somebody is related to the child (ref 5.7); what they are alleged to have done is a role."""

    BIRTH_MOTHER = "BIRTH_MOTHER", "The woman who bore the child.", "ref 5.7"
    BIRTH_FATHER = "BIRTH_FATHER", "The man who is the child's father by birth.", "ref 5.7"
    STEP_PARENT = "STEP_PARENT", "A husband, wife or civil partner of one of the parents.", "ref 5.7"
    PARTNER_OF_PARENT = "PARTNER_OF_PARENT", "A partner of one of the parents, not married to them.", "ref 5.7"
    SIBLING = "SIBLING", "A brother or sister by both parents.", "ref 5.7"
    HALF_SIBLING = "HALF_SIBLING", "A brother or sister by one of the parents.", "ref 5.7"
    GRANDPARENT = "GRANDPARENT", "A parent of one of the parents.", "ref 5.7"
    CARER = "CARER", "Somebody who looks after the child without one of these relations.", "ref 5.7"
    FOSTER_CARER = (
        "FOSTER_CARER",
        "Somebody with whom the child is placed by an authority.",
        "ref 5.7; Children Act 1989 s.22C",
    )
    OTHER_HOUSEHOLD = "OTHER_HOUSEHOLD", "Somebody else who lives with the child.", "ref 5.7"
    GUARDIAN = (
        "GUARDIAN",
        "A guardian, or a special guardian, by a will or an order.",
        "Children Act 1989 s.5 and s.14A",
    )
    ADOPTIVE_PARENT = "ADOPTIVE_PARENT", "Somebody who adopted the child.", "Adoption and Children Act 2002 s.46"
    EX_PARTNER_OF_PARENT = (
        "EX_PARTNER_OF_PARENT",
        "Somebody who was a partner of one of the parents.",
        "completeness K18",
    )
    ASSOCIATE = "ASSOCIATE", "Somebody who keeps company with the child or the family.", "completeness K18"
    UNKNOWN = "UNKNOWN", "How they are related is not known.", "ref 5.7"


class Birth(Word):
    """How much of a date of birth is known: the day, its year only, a guess, none yet (expected), nothing."""

    EXACT = "EXACT", "The day is known.", "ref 7.2 rule 2"
    YEAR = "YEAR", "Only the year is known; it is that of the date.", "completeness K4"
    ESTIMATED = "ESTIMATED", "The date is a guess, of which the year counts.", "ref 7.2 rule 5"
    UNBORN = "UNBORN", "The child is not born yet; the day expected stands in its own field.", "ref 7.2 rule 4"
    UNKNOWN = "UNKNOWN", "Nothing is known of the date.", "completeness K4"


class Sex(Word):
    """Sex as recorded; it never decides a match (ref 7.2 rule 2)."""

    FEMALE = "FEMALE", "Recorded as female.", "ref 5.5"
    MALE = "MALE", "Recorded as male.", "ref 5.5"
    OTHER = "OTHER", "Recorded as something else.", "ref 5.1"
    UNKNOWN = "UNKNOWN", "Not recorded, or not known.", "ref 5.5"


class IdentifierScheme(Word):
    """Whose numbering an identifier belongs to; the wire word is the key of `request.json`."""

    NHS = "nhs", "The NHS number: ten digits, the last one a check digit.", "ref 5.2"
    UPN = "upn", "The unique pupil number: a check letter and twelve characters.", "ref 5.3"
    ULN = "uln", "The unique learner number: ten digits, the last one a check digit.", "ILR rule ULN_04"
    PNC = "pnc", "The number of a person on the Police National Computer: year, serial, check letter.", "ref 5.4"
    CRO = "cro", "The number of the Criminal Records Office: serial, year, check letter.", "ref 5.4"
    CRN = "crn", "The case reference number of probation: a letter and six digits.", "ref 5.4"
    NOMS = "noms", "The prison number: a letter, four digits, two letters.", "ref 5.4"
    CSC = (
        "csc",
        "The number of a child in the case system of social care; each authority has its own.",
        "completeness K20",
    )
    YJS = "yjs", "The number of a child in the case system of a youth justice service.", "completeness K20"
    TENANCY = "tenancy", "The reference of a tenancy, as a housing body has it.", "ref 5.6; completeness K20"
    NDTMS = (
        "ndtms",
        "The number of a client in the National Drug Treatment Monitoring System.",
        "ref 5.6; completeness K20",
    )
    PND = "pnd", "The number of a record in the Police National Database.", "ref 5.1; completeness K20"
    CRIS = "cris", "The number of a report in a police force's crime recording system.", "completeness K20"
