"""Where somebody who acts for another can get anything: which apps, which data sources, which kinds of data there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vad.domain.client import Client, ResourceServer
from vad.domain.identifiers import ClientId, ResourceId


@dataclass(frozen=True, slots=True)
class Reach:
    """What an installation registered, as far as people who act for another meet it. See `reach`."""

    clients: tuple[Client, ...]
    sources: tuple[ResourceServer, ...]

    def kinds_at(self, source: ResourceServer, clients: Collection[str] = ()) -> frozenset[str]:
        """The kinds of data that one of these apps may fetch at this source; no apps named: any."""
        asked = [each.client_id for each in self.clients if not clients or each.client_id in clients]
        return frozenset[str]().union(*(source.admitted.get(ClientId(each), frozenset()) for each in asked))

    def places(
        self, kinds: Collection[str], clients: Collection[str], resources: Collection[str]
    ) -> tuple[tuple[str, ResourceId | None], ...]:
        """Each of these kinds at each of these sources that has it for one of the apps; no sources named: at any.

        Nothing where a kind is nowhere among them, or a source has none of the kinds: that is not what somebody meant.
        """
        if not resources:
            return tuple((kind, None) for kind in sorted(kinds)) if self.kinds.issuperset(kinds) else ()
        had = {each.identifier: self.kinds_at(each, clients) for each in self.sources if each.identifier in resources}
        places = tuple((kind, at) for kind in sorted(kinds) for at in sorted(had) if kind in had[at])
        whole = {kind for kind, _ in places} == set(kinds) and {at for _, at in places} == set(resources)
        return places if whole else ()

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of data that is to be had somewhere."""
        return frozenset[str]().union(*map(self.kinds_at, self.sources))


def reach(clients: Iterable[Client], sources: Iterable[ResourceServer]) -> Reach:
    """Apps that show for whom somebody acts, and sources that take that and admit one of them; each by its name."""
    apps = sorted((each for each in clients if each.active and each.representation), key=_by_name)
    takers = (each for each in sources if each.active and each.representation)
    known = Reach(tuple(apps), ())
    return Reach(known.clients, tuple(sorted(filter(known.kinds_at, takers), key=_by_name)))


def _by_name(registered: Client | ResourceServer) -> tuple[str, str]:
    identifier = registered.client_id if isinstance(registered, Client) else registered.identifier
    return registered.name.casefold(), identifier
