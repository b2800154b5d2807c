"""Where an app says more of itself (OIDC Dynamic Client Registration section 2), as in TOML."""

import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from vad.adapters.configuration.registration_fields import Entry, redirect_uri
from vad.domain.registration_fault import FaultError, FaultKind

Link = Annotated[str, Field(max_length=512), AfterValidator(redirect_uri)]
_NAMED = re.compile(r"([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")
"""A host that a page can name: letter by letter what a browser goes to, and no number."""


class LinksEntry(Entry):
    """The members of a client's entry that are about this. A logo is none of them: ADR 0038."""

    policy_uri: Link | None = None
    tos_uri: Link | None = None

    def check_links(self, redirect_uris: Iterable[str]) -> None:
        """Raise `ValueError` for a policy at anybody else's (section 9.1), or terms there that no page can point to."""
        own = {urlsplit(uri).hostname for uri in redirect_uris}
        if self.policy_uri and urlsplit(self.policy_uri).hostname not in own:
            raise FaultError(FaultKind.ANOTHERS_HOST, member="policy_uri")
        if self.tos_uri and urlsplit(self.tos_uri).hostname not in own and not _pointed_to(self.tos_uri):
            raise FaultError(FaultKind.NAMELESS_HOST, member="tos_uri")


def _pointed_to(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "https" and _NAMED.fullmatch(parts.hostname or "") is not None
