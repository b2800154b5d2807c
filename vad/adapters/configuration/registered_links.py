"""Where an app says more of itself (OIDC Dynamic Client Registration section 2), as in TOML."""

from collections.abc import Iterable, Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from vad.adapters.configuration.registration_fields import Entry, redirect_uri
from vad.domain.registration_fault import FaultError, FaultKind

Link = Annotated[str, Field(max_length=512), AfterValidator(redirect_uri)]


class LinksEntry(Entry):
    """The members of a client's entry that are about this. A logo is none of them: ADR 0038."""

    policy_uri: Link | None = None
    tos_uri: Link | None = None

    def check_links(self, redirect_uris: Iterable[str]) -> None:
        """Raise `ValueError` for a link that leads to anybody else (section 9.1): our pages show it as the app's."""
        own = {urlsplit(uri).hostname for uri in redirect_uris}
        for name, uri in self._links():
            if urlsplit(uri).hostname not in own:
                raise FaultError(FaultKind.ANOTHERS_HOST, member=name)

    def _links(self) -> Iterator[tuple[str, str]]:
        yield from ((name, uri) for name, uri in (("policy_uri", self.policy_uri), ("tos_uri", self.tos_uri)) if uri)
