"""What the tests of the OIDC endpoints share: looks into the stores, and VAD's own keys."""

from collections.abc import Iterator

import pytest

from tests.support.database import FreshDatabase, ask
from tests.support.town import Town
from tests.web.oidc.inside import Inside
from vad.bootstrap.foundation import lay_foundation


@pytest.fixture(scope="module")
def inside(the_town: Town) -> Iterator[Inside]:
    """Give the view of somebody who holds VAD's keys and looks into its stores."""
    foundation = lay_foundation(the_town.settings)
    looking = Inside(the_town, foundation.keyring)
    yield looking
    looking.redis.close()
    foundation.database.close()


@pytest.fixture(autouse=True)
def _nobody_agreed_before(town_database: FreshDatabase) -> None:
    """Withdraw what people agreed to for longer in other tests."""
    statement = "UPDATE consents SET withdrawn_at = greatest(given_at, now()) WHERE withdrawn_at IS NULL"
    ask(town_database.superuser_url, statement)
