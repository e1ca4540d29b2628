"""What matching sees of the people of a request."""

from broker.holder.receive import sought
from schemas.vocabulary import Relation

MOTHER = {
    "ref": "p2",
    "roles": ["PARENT"],
    "given_names": ["Alex"],
    "family_name": "Testerton",
    "date_of_birth": "1990-01-02",
    "relation_to_child": "BIRTH_MOTHER",
    "why_needed": "lives with the child",
}


def test_who_is_whose_mother_reaches_the_matching(desk):
    child = desk.partnership.request().common.people[0].model_dump(mode="json", exclude_none=True)
    request = desk.partnership.request(people=[{**child, "identifiers": {"nhs": "9990000018"}}, MOTHER])
    people = {person.ref: person for person in sought(request, frozenset({"p1", "p2"}))}
    assert (people["p1"].relation, people["p1"].is_subject) == (None, True)
    assert (people["p2"].relation, people["p2"].is_subject) == (Relation.BIRTH_MOTHER, False)
