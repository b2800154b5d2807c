"""`vad doctor` on what stands outside: is it there, and how long do its certificates last."""

from collections.abc import Iterator
from functools import partial

from vad.adapters.http.caller import HttpCaller
from vad.adapters.http.deadline import DeadlineAdapter
from vad.adapters.oidc.provider import Provider
from vad.bootstrap.mail import mail_server
from vad.cli.doctor_certificates import reached, reached_from_here
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings


def outside(known: Settings, roots: str | None = None) -> Iterator[Finding]:
    """Look at each. `roots` is a file of root certificates to trust instead of those that VAD's own calls trust."""
    beside = known.outgoing.ca_file
    yield found("digid discovery", partial(_discovery, known, roots))
    for name, address in (("digid", known.digid.issuer), ("brp", known.brp.base_url), ("prs", known.prs.base_url)):
        yield found(name, partial(reached, address, roots, beside))
    yield found("mail", partial(_mail, known))
    yield found("post", partial(_post, known, roots))
    # From inside, VAD's own front door need not be reachable; where it is, its certificate must be good.
    yield found("issuer", partial(reached_from_here, known.service.issuer, roots, beside))


def _mail(known: Settings) -> tuple[Level, str]:
    server = mail_server(known)
    if server is None:
        return Level.WARN, "mail.host is not set: people are told by letter alone"
    server.check()
    return Level.OK, "the mail server takes mail from us"


def _post(known: Settings, roots: str | None) -> tuple[Level, str]:
    if known.post.url is None:
        return Level.WARN, "post.url is not set: letters wait for a week and are given up then"
    return reached(known.post.url, roots, known.outgoing.ca_file)


def _discovery(known: Settings, roots: str | None) -> tuple[Level, str]:
    adapter = DeadlineAdapter(connections=1, ca_file=known.outgoing.ca_file)
    Provider(known.digid.issuer, HttpCaller("digid", ca_bundle=roots, adapter=adapter)).metadata.get()
    return Level.OK, "DigiD tells of itself what VAD needs"
