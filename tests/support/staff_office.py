"""Two of the staff who decide things of one town, with the rights that the admin side has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import SecretStr

from tests.support.backroom import Backroom
from tests.support.person import PIETER, SAMIRA
from tests.support.town import Town
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.subject_cache import RedisSubjectCache
from vad.bootstrap import registers
from vad.bootstrap.deciding import deciding
from vad.bootstrap.foundation import lay_foundation
from vad.domain.assent import OpenAges
from vad.domain.identifiers import RequestId, StaffId
from vad.domain.justification import Justification
from vad.domain.staff import StaffMember, StaffRole
from vad.services.deciding import Deciding
from vad.services.representation import Representation

WHY = Justification("The care provider asked for it by letter", "2026/17")


@dataclass
class StaffOffice:
    """Pieter asks, Samira agrees."""

    deciding: Deciding
    asker: StaffMember
    second: StaffMember

    def agreed(self, ask: Callable[[StaffMember, Justification, datetime], RequestId]) -> RequestId:
        """Let the one ask for it and the other agree."""
        request_id = ask(self.asker, WHY, datetime.now(UTC))
        self.deciding.approvals.approve(self.second, request_id, datetime.now(UTC))
        return request_id

    def with_role(self, role: StaffRole) -> "StaffOffice":
        """The same two in another role."""
        roles = frozenset({role})
        return replace(self, asker=replace(self.asker, roles=roles), second=replace(self.second, roles=roles))


@pytest.fixture
def office(vad_town: Town, backroom: Backroom) -> Iterator[StaffOffice]:
    """Give the staff of the town."""
    known = vad_town.settings
    address = SecretStr(vad_town.database.admin_url)
    settings = known.model_copy(update={"database": known.database.model_copy(update={"url": address})})
    foundation = lay_foundation(settings)
    register = registers.persons(settings, registers.caller(foundation, "brp"))
    roles = frozenset({StaffRole.HELPDESK})
    asker, second = (StaffMember(StaffId(uuid4()), backroom.person_id(bsn), roles) for bsn in (PIETER, SAMIRA))
    minors = RedisSubjectCache(backroom.redis, StoreKeys(foundation.keyring), foundation.keys)
    representation = Representation(foundation.work, register, minors, OpenAges())
    yield StaffOffice(deciding(foundation, representation), asker, second)
    foundation.database.close()
