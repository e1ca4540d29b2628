"""A record store that is deleted while everything runs: what is answered, what is said of it, and how it comes back."""

from __future__ import annotations

from typing import Any

CHILD = "01a202ba-3fba-7fab-b007-09e980195c01"
LOST, AGAIN = "01a202ba-3fba-7fab-b007-09e980195c02", "01a202ba-3fba-7fab-b007-09e980195c03"


def test_a_store_deleted_while_everything_runs_is_never_searched_in_vain(world: Any) -> None:
    def ask(request_id: str) -> Any:
        file = world.request(f"{request_id}.json", agencies=["police"])
        return world.mash("request", world.home, "--file", file, "--request-id", request_id, "--wait", "--json")

    with world.up(world.mash, world.home):
        assert ask(CHILD).document["answers"]["police"]["status"] == "SUMMARY"
        (world.home / "police" / "records.sqlite").unlink()

        ran = ask(LOST)
        answer = ran.document["answers"]["police"]
        assert ran.code == 3
        assert (answer["status"], answer["reason"], answer["items"]) == ("UNAVAILABLE", "STORE_LOST", [])
        assert (ran.document["complete"], ran.document["waiting_for"]) == (False, ["police"])
        status = ("status", world.home, "--json")
        world.wait_until(lambda: "records" in world.mash(*status).document["processes"]["police"])
        found = world.mash(*status)
        assert (found.code, found.document["processes"]["police"]["records"]) == (0, "STORE_LOST")
        findings = world.mash("doctor", world.home, "--json").document["findings"]
        assert any("STORE_LOST: police" in one["what"] for one in findings)

        # Filled again, the next request is answered, and so is the one that was not.
        assert world.mash("records", "import", world.home, "police", world.records()).code == 0
        assert ask(AGAIN).document["answers"]["police"]["status"] == "SUMMARY"
        summary = ("summary", world.home, LOST, "--by", "mm-01", "--json")
        world.wait_until(lambda: world.mash(*summary).document["complete"])
        again = world.mash(*summary).document["answers"]["police"]
        assert (again["status"], again["revision"]) == ("SUMMARY", 2)
