"""Who is asked about: roles, relations, and the numbers that people are known by."""

from __future__ import annotations

from enum import StrEnum


class PersonRole(StrEnum):
    """Who somebody is in a request, one or several; exactly one person is the SUBJECT_CHILD."""

    SUBJECT_CHILD = "SUBJECT_CHILD"
    SIBLING = "SIBLING"
    PARENT = "PARENT"
    CARER = "CARER"
    ADULT_VICTIM = "ADULT_VICTIM"
    ALLEGED_PERPETRATOR = "ALLEGED_PERPETRATOR"
    OTHER = "OTHER"


class Relation(StrEnum):
    """How somebody is related to the child (ref 5.7); what they are alleged to have done is a role."""

    BIRTH_MOTHER = "BIRTH_MOTHER"
    BIRTH_FATHER = "BIRTH_FATHER"
    STEP_PARENT = "STEP_PARENT"
    PARTNER_OF_PARENT = "PARTNER_OF_PARENT"
    SIBLING = "SIBLING"
    HALF_SIBLING = "HALF_SIBLING"
    GRANDPARENT = "GRANDPARENT"
    CARER = "CARER"
    FOSTER_CARER = "FOSTER_CARER"
    OTHER_HOUSEHOLD = "OTHER_HOUSEHOLD"
    GUARDIAN = "GUARDIAN"
    ADOPTIVE_PARENT = "ADOPTIVE_PARENT"
    EX_PARTNER_OF_PARENT = "EX_PARTNER_OF_PARENT"
    ASSOCIATE = "ASSOCIATE"
    UNKNOWN = "UNKNOWN"


class Birth(StrEnum):
    """How much of a date of birth is known: the day, its year only, a guess, none yet (expected), nothing."""

    EXACT = "EXACT"
    YEAR = "YEAR"
    ESTIMATED = "ESTIMATED"
    UNBORN = "UNBORN"
    UNKNOWN = "UNKNOWN"


class Sex(StrEnum):
    """Sex as recorded; it never decides a match (ref 7.2 rule 2)."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class IdentifierScheme(StrEnum):
    """Whose numbering an identifier belongs to; the wire word is the key of `request.json`."""

    NHS = "nhs"
    UPN = "upn"
    ULN = "uln"
    PNC = "pnc"
    CRO = "cro"
    CRN = "crn"
    NOMS = "noms"
    CSC = "csc"
    YJS = "yjs"
    TENANCY = "tenancy"
    NDTMS = "ndtms"
    PND = "pnd"
    CRIS = "cris"
