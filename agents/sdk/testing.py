"""A test harness for one sector's agent: files go in, and what the agent holds about a person comes out.

The harness takes the path of a request: import, search, `identify`, look-up. The application ships it, so that an agent
of another distribution can be tested with it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, final

from agents.sdk.account import FileAccount
from agents.sdk.agent import SectorAgent
from agents.sdk.importer import ImportTerms, import_files
from agents.sdk.store.records import RecordStore
from broker.errors import InvariantError
from broker.holder.identify import Identity, Known, identify
from broker.holder.source import Holding, IdentifierHeld, NameHeld, PersonSought
from broker.ports import Database
from schemas.vocabulary import IdentifierScheme, PersonRole

NOW: Final = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@final
class AgentHarness:
    """An agent over a record store of its own: an empty database made with `agent.store_schema`.

    Documents are written into `folder` as the files that the agency would export.
    """

    def __init__(self, agent: SectorAgent, database: Database, folder: Path) -> None:
        self.agent = agent
        self.store = RecordStore(database)
        self._folder = folder
        self._written = 0

    def write(self, document: object) -> Path:
        """Write a JSON document, or bytes as they are, into a file of its own and return its path."""
        path = self._folder / f"file-{self._written}.json"
        self._written += 1
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return path

    def take_in(
        self,
        *documents: object,
        verified: bool = False,
        bindings: Mapping[IdentifierScheme, str] | None = None,
        format_name: str | None = None,
        now: datetime = NOW,
        source: str | None = None,
        whole: bool = False,
        fewer: bool = False,
        rehearsal: bool = False,
    ) -> tuple[FileAccount, ...]:
        """Import documents or paths as `mash records import` does, and return the account of each."""
        return import_files(
            [one if isinstance(one, Path) else self.write(one) for one in documents],
            agent=self.agent,
            store=self.store,
            terms=ImportTerms(
                now=now,
                verified_identifiers=verified,
                bindings=bindings or {},
                format_name=format_name,
                source=source,
                whole=whole,
                fewer=fewer,
                rehearsal=rehearsal,
            ),
        )

    async def identity(self, person: PersonSought) -> Identity:
        """Search for one person and return who the rule says they are."""
        found = {person.ref: await self.store.find(person)}
        return identify((person,), found, chosen={}).of(person.ref)

    async def items(self, person: PersonSought) -> tuple[Holding, ...]:
        """Return everything that is held about one person. Raises: InvariantError unless known for certain."""
        found = await self.identity(person)
        if not isinstance(found, Known):
            raise InvariantError(f"nobody is known for certain: {type(found).__name__}")
        return (await self.store.look_up(found.record_id)).items


def sought(
    given: str = "Robin",
    family: str = "Testerton",
    born: str = "2014-03-04",
    nhs: str | None = None,
    postcode: str | None = None,
    ref: str = "p1",
) -> PersonSought:
    """Return the child whom a request asks about: the invented family's, unless said otherwise."""
    return PersonSought(
        ref=ref,
        roles=(PersonRole.SUBJECT_CHILD,),
        name=NameHeld(given_names=tuple(given.split()), family_name=family),
        date_of_birth=date.fromisoformat(born),
        sex=None,
        postcodes=(postcode,) if postcode else (),
        identifiers=(IdentifierHeld(scheme=IdentifierScheme.NHS, value=nhs),) if nhs else (),
    )
