"""Authorization requests that are signed as a whole (RFC 9101): what was asked is what the app signed, and no more."""

from werkzeug.datastructures import MultiDict

from vad.domain.client import Client
from vad.domain.errors import ProtocolError
from vad.domain.profile import Demand
from vad.web.oidc import parameters
from vad.web.support.services import now, services


def opened(sent: MultiDict[str, str], client: Client) -> MultiDict[str, str]:
    """The parameters of the request object, where there is one: nothing beside it counts (RFC 9101 section 6.3).

    Raises `ProtocolError` `invalid_request_object`, `request_not_supported` where the client's profile has none, and
    `invalid_request` for a client that signs all its requests and did not sign this one.
    """
    if not sent.get("request"):
        # A name stands for a request that was pushed, and looked at then.
        if client.require_signed_request_object and not sent.get("request_uri"):
            raise ProtocolError("invalid_request", "the request must be signed")
        return sent
    if client.rules.request_object is Demand.REFUSED:
        raise ProtocolError("request_not_supported", "clients of this profile do not sign their requests")
    parameters.check(sent)
    if sent.get("request_uri"):
        raise ProtocolError("invalid_request", "request and request_uri do not go together")
    signed = services().request_objects.read(client, sent["request"], now())
    if signed is None:
        raise ProtocolError("invalid_request_object", "the request object is not what it should be")
    return MultiDict(signed)
