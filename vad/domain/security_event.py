"""What a data source can be told about tokens that it may hold (RFC 8417 section 1.2: an event's URI)."""

from enum import StrEnum


class SecurityEvent(StrEnum):
    """Why tokens are not to be honoured any more. The value is the event's identifier on the wire."""

    MANDATE_REVOKED = "urn:nl-vad:1.0:event:mandate-revoked"
    """Somebody may no longer act for the person."""
    CONSENT_WITHDRAWN = "urn:nl-vad:1.0:event:consent-withdrawn"
    """The person, or who acts for them, stopped the app's consent."""
    CLIENT_STOPPED = "urn:nl-vad:1.0:event:client-stopped"
    """Staff ended all that an app was given: whoever its tokens are about."""
