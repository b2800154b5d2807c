"""Nobody is asked about data, apps or sources that nobody who acts for another could come by."""

import pytest

from tests.domain.domain_examples import APP, HOSPITAL, client, source
from vad.domain.client import Client, ResourceServer
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.reach import reach

OTHER, GP = ClientId("another"), ResourceId("https://gp.example")
ACTING = client(representation=True)


def test_what_is_within_reach() -> None:
    """The kinds that a source admits for an app, both of which know of acting; asked about one app, that one's."""
    second = client(client_id=OTHER, name="Another", representation=True)
    gp = source(identifier=GP, name="GP", data_services=("49", "51"), admitted={OTHER: frozenset({"49"})})
    known = reach((second, ACTING), (source(), gp))
    assert known.kinds == {"48", "49"}, "51 is for no app"
    assert [each.identifier for each in known.sources] == [GP, HOSPITAL], "by name"
    assert known.kinds_at(gp) == {"49"}
    assert known.kinds_at(gp, {APP}) == frozenset()


@pytest.mark.parametrize(
    ("app", "at"),
    [
        (client(representation=False), source()),
        (client(representation=True, active=False), source()),
        (ACTING, source(representation=False)),
        (ACTING, source(active=False)),
        (ACTING, source(admitted={OTHER: frozenset({"48"})})),
        (ACTING, source(admitted={})),
    ],
)
def test_what_is_out_of_reach(app: Client, at: ResourceServer) -> None:
    """An app or source that knows of no acting, that is gone, or that do not know each other."""
    known = reach((app,), (at,))
    assert (known.kinds, known.sources) == (frozenset(), ())


def test_each_kind_where_it_is() -> None:
    """Kinds and sources that were chosen belong together, or nobody meant it so; no source is all of them."""
    gp = source(identifier=GP, name="GP", admitted={APP: frozenset({"48", "49"})})
    known = reach((ACTING,), (source(), gp))
    assert known.places({"48", "49"}, (), {GP, HOSPITAL}) == (("48", GP), ("48", HOSPITAL), ("49", GP))
    assert known.places({"48", "49"}, (), ()) == (("48", None), ("49", None))
    assert known.places({"49"}, (), {GP, HOSPITAL}) == (), "the hospital has nothing of it"
    assert known.places({"48", "49"}, (), {HOSPITAL}) == (), "49 is nowhere"
    assert known.places({"51"}, (), ()) == (), "there is none"
    assert known.places({"48"}, {OTHER}, {GP}) == (), "not for that app"
    assert known.places({"48"}, (), {"https://unknown.example"}) == ()
