"""What is wrong with an address in configuration, in words that don't repeat it: it may hold a password."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit


def faults_of_address(address: str, *, path: bool, production: bool) -> Iterator[str]:
    """Every fault of the address of a service. `path` says whether it may have one."""
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        yield "must be an http(s) address"
        return
    if "@" in parts.netloc or parts.query or parts.fragment or not address.isprintable() or " " in address:
        yield "must be an address without credentials, query or fragment"
    if parts.path and (not path or parts.path.endswith("/")):
        yield "must not end in a slash" if path else "must be an address without path or trailing slash"
    if production and parts.scheme != "https":
        yield "must be https in production"
    if production and _on_loopback(parts.hostname):
        yield "must not be on loopback in production"


def faults_of_store(url: str, schemes: tuple[str, ...]) -> Iterator[str]:
    """Every fault of the address of a store."""
    parts = _split(url)
    if parts is None or parts.scheme not in schemes:
        yield f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)} and be well formed"


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # only now it is read
    except ValueError:
        return None
    return parts


def _on_loopback(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback or (mapped or found).is_unspecified
