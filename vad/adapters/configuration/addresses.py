"""What is wrong with an address in configuration, in words that don't repeat it: it may hold a password."""

import ipaddress
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

_BESIDE_URL = ("username", "password", "sentinel_username", "sentinel_password", "tls", "ca_file")
"""The address itself holds these."""


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


def faults_of_redis(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with the members of the section `redis` together, by name."""
    ways = [name for name in ("url", "sentinels", "cluster_nodes") if given.get(name) is not None]
    if len(ways) != 1:
        yield "redis", "set exactly one of redis.url, redis.sentinels and redis.cluster_nodes"
        return
    if ("sentinels" in ways) != (given.get("service_name") is not None):
        yield "redis.service_name", "goes with redis.sentinels, and they with it"
    alone = {"url": _BESIDE_URL, "cluster_nodes": ("sentinel_username", "sentinel_password"), "sentinels": ()}
    for name in alone[ways[0]]:
        if given.get(name) not in (None, False):
            yield f"redis.{name}", f"has no meaning with redis.{ways[0]}"
    for name in ("sentinels", "cluster_nodes"):
        value = given.get(name)
        if isinstance(value, str) and hosts(value) is None:
            yield f"redis.{name}", "must be host:port, separated by commas"


def faults_of_mail(given: Mapping[str, object], *, production: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with the members of the section `mail` together, by name."""
    host = given.get("host")
    if host is None:
        yield from ((f"mail.{name}", "has no meaning without mail.host") for name in given)
        return
    if given.get("sender") is None:
        yield "mail.sender", "is needed with mail.host"
    if (given.get("username") is None) != (given.get("password") is None):
        yield "mail.username", "goes with mail.password, and that with it"
    if production and given.get("security") == "none" and not (isinstance(host, str) and _on_loopback(host)):
        yield "mail.security", "must be starttls or tls in production, but on loopback"


def hosts(text: str) -> list[tuple[str, int]] | None:
    """The hosts and ports of a list like `a:1, [::1]:2`; None where it is not such a list."""
    found = []
    for each in text.split(","):
        parts = _split(f"//{each.strip()}")
        if parts is None or not parts.hostname or not parts.port or parts.netloc != each.strip() or "@" in each:
            return None
        found.append((parts.hostname, parts.port))
    return found


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
