"""Whether what an app publishes does what its registration rests on."""

from dataclasses import dataclass

from vad.adapters.jose.answers import JweAnswers
from vad.adapters.jose.published_certificates import PublishedCertificates
from vad.adapters.jose.published_keys import PublishedKeys
from vad.domain.client import Client


@dataclass(frozen=True, slots=True)
class FittingKeys:
    """`vad.services.ports.registering.PublishedKeysFit`."""

    published: PublishedKeys

    def check(self, client: Client) -> None:
        JweAnswers(self.published).check(client)
        PublishedCertificates(self.published).check(client)
