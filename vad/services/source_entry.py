"""A data source as it would stand in a file: what staff see of it."""

from vad.domain.client import ResourceServer
from vad.services.client_entry import Entry


def entry_of_source(source: ResourceServer) -> Entry:
    """By the names that files give its members, without its keys; members that say nothing are left out."""
    entry: dict[str, object] = {
        "organisation": source.organisation,
        "data_services": list(source.data_services),
        "identifier_type": source.identifier_type.value,
        "oin": source.oin,
        "prs_scope": source.prs_scope,
        "access_token_signing_alg": source.access_token_signing_alg,
        "access_token_lifetime": int(source.access_token_lifetime.total_seconds()),
        "minimum_level": source.minimum_level.name.lower(),
        "representation": source.representation,
        "introspection_signed_response_alg": source.introspection_signed_response_alg,
        "introspection_encrypted_response_alg": source.introspection_encrypted_response_alg,
        "introspection_encrypted_response_enc": source.introspection_encrypted_response_enc,
        "security_events_uri": source.security_events_uri,
        "admitted": [f"{client}: {', '.join(sorted(source.admitted[client]))}" for client in sorted(source.admitted)],
    }
    return {name: value for name, value in entry.items() if value not in ("", [])}
