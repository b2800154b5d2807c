"""Why the front passes a request on to nobody."""


class RequestRefusedError(Exception):
    """A request that two programs could read in two ways, or that this one cannot pass on."""

    status = "400 Bad Request"


class BodyTooLargeError(RequestRefusedError):
    """A body in chunks that is longer than this program keeps."""

    status = "413 Content Too Large"
