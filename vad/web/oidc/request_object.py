"""Authorization requests that are signed as a whole (RFC 9101): what was asked is what the app signed, and no more."""

from werkzeug.datastructures import MultiDict

from vad.domain.client import Client
from vad.domain.errors import ProtocolError, RegisterUnavailableError
from vad.domain.profile import Demand
from vad.services.pushed_requests import PREFIX
from vad.web.oidc import parameters
from vad.web.support.services import now, services


def fetched(sent: MultiDict[str, str], client: Client) -> MultiDict[str, str]:
    """The same, with the request that lies at an address of the app instead of that address (RFC 9101 section 5.2).

    Raises `ProtocolError` `invalid_request_uri` for an address that is not registered, letter by letter, or where there
    is nothing to be had; `request_uri_not_supported` where the client's profile has none.
    """
    address = sent.get("request_uri", "")
    if not address or address.startswith(PREFIX) or sent.get("request"):
        return sent
    if client.rules.request_uri is Demand.REFUSED:
        raise ProtocolError("request_uri_not_supported", "clients of this profile push their requests")
    parameters.check(sent)
    if address not in client.request_uris:
        raise ProtocolError("invalid_request_uri", "request_uri is not registered")
    try:
        token = services().published_requests.read(client, address)
    except RegisterUnavailableError as error:
        raise ProtocolError("invalid_request_uri", "nothing could be read at request_uri", detail=str(error)) from error
    beside = [(name, value) for name, value in sent.items(multi=True) if name != "request_uri"]
    return MultiDict([*beside, ("request", token)])


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
