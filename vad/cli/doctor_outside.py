"""`vad doctor` on what stands outside: is it there, and how long do its certificates last."""

from collections.abc import Iterator
from functools import partial

from vad.adapters.digid.provider import Provider
from vad.adapters.http.caller import HttpCaller
from vad.cli.doctor_certificates import reached, reached_from_here
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings


def outside(known: Settings, roots: str | None = None) -> Iterator[Finding]:
    """Look at each. `roots` is a file of root certificates to trust instead of those that VAD's own calls trust."""
    yield found("digid discovery", partial(_discovery, known.digid.issuer, roots))
    for name, address in (("digid", known.digid.issuer), ("brp", known.brp.base_url), ("prs", known.prs.base_url)):
        yield found(name, partial(reached, address, roots))
    # From inside, VAD's own front door need not be reachable; where it is, its certificate must be good.
    yield found("issuer", partial(reached_from_here, known.service.issuer, roots))


def _discovery(issuer: str, roots: str | None) -> tuple[Level, str]:
    Provider(issuer, HttpCaller("digid", ca_bundle=roots)).metadata.get()
    return Level.OK, "DigiD tells of itself what VAD needs"
