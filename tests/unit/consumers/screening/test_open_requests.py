"""Which requests wait: by band and clock alone, until every answer is there."""

from __future__ import annotations

from broker.adapters.sql import SqlDatabase
from consumers.screening.open_requests import OpenRequest, OpenRequests
from schemas.vocabulary import Status
from tests.screening_world import World


def looking(world: World, database: SqlDatabase) -> OpenRequests:
    return OpenRequests(database, rest=world.partnership.rests["hub-screening"])


async def test_a_request_waits_until_every_organisation_has_said_something_final(world: World) -> None:
    request = world.request()
    body = request.dispatch()
    await world.run(world.dispatch(request))
    database = world.database()
    waiting = looking(world, database)
    open_one = OpenRequest(band=body.band, received_at=body.received_at, due_at=body.due_at)
    assert waiting.now() == (open_one,)
    await world.run(world.answer(request, "police", revision=0, status=Status.AWAITED), world.answer(request, "health"))
    assert waiting.now() == (open_one,), "that a person will look is no answer"
    await world.run(world.answer(request, "police"))
    assert waiting.now() == ()
    database.close()


async def test_an_answer_that_came_before_its_dispatch_waits_for_nobody(world: World) -> None:
    await world.run(world.answer(world.request(), "police"))
    database = world.database()
    assert looking(world, database).now() == ()
    database.close()


async def test_a_damaged_row_is_not_forgotten(world: World) -> None:
    """What cannot be opened is overdue all the same, one day."""
    request = world.request()
    await world.run(world.dispatch(request))
    database = world.database()
    with database.transaction() as transaction:
        transaction.execute("UPDATE screening_request SET sealed = :sealed", sealed=bytes(64))
    assert looking(world, database).now() == (
        OpenRequest(band=None, received_at=None, due_at=request.dispatch().due_at),
    )
    database.close()


async def test_a_request_is_opened_once(world: World) -> None:
    await world.run(world.dispatch(world.request()))
    database = world.database()
    waiting = looking(world, database)
    before = waiting.now()
    with database.transaction() as transaction:
        transaction.execute("UPDATE screening_request SET sealed = :sealed", sealed=bytes(64))
    assert waiting.now() == before
    database.close()


async def test_a_request_without_a_clock_waits_and_is_never_late(world: World) -> None:
    """K5: BLUE, or a partnership without clocks; it is not taken for one whose dispatch never came."""
    request = world.request()
    body = request.dispatch(due_at=None)
    await world.run(world.dispatch(request, due_at=None))
    database = world.database()
    expected = OpenRequest(band=body.band, received_at=body.received_at, due_at=None)
    assert looking(world, database).now() == (expected,)
    database.close()
