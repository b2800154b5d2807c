"""Authorization requests that came as another site's form, until their browser comes with its cookies."""

from dataclasses import dataclass, replace

from vad.domain.authorization import NOBODYS, AuthorizationRequest
from vad.domain.errors import StaleFlowError
from vad.services.ports.volatile import AuthorizationRequests


@dataclass(frozen=True, slots=True)
class PostedRequests:
    """The use case."""

    requests: AuthorizationRequests

    def wait(self, request: AuthorizationRequest) -> None:
        """Keep a request that came without its browser's cookies, until that comes with them."""
        self.requests.add(replace(request, browser=NOBODYS))

    def waiting(self, flow: str) -> AuthorizationRequest:
        """Take out a request that waits: one winner. Raises `StaleFlowError` when none does under this name."""
        request = self.requests.get(flow)
        # Who knows the name of a flow that has its browser can't take it away with that.
        if request is None or request.browser != NOBODYS:
            raise StaleFlowError("no request waits for its browser here")
        taken = self.requests.take(flow)
        if taken is None:
            raise StaleFlowError("another browser was first")
        if taken.browser != NOBODYS:
            self.requests.add(taken)
            raise StaleFlowError("another browser was first")
        return taken
