"""Which network addresses are open to everybody, and so can be called at somebody else's wish."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: where IPv4 is reached over IPv6 alone, the last 32 bits are the address that is meant."""
_TUNNELS: Sequence[IPv6Network] = (IPv6Network("2001::/23"), IPv6Network("2002::/16"))
"""Teredo and the rest of what is set apart for protocols, and 6to4: they lead to an IPv4 address of their choice."""


def address_in(text: str) -> Address | None:
    """The address that a socket goes to in the end; None for one of a single link, which has a scope, and for none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    if found.scope_id is not None:
        return None
    return found.ipv4_mapped or (IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else found)


def public(address: Address) -> bool:
    """Whether it is one of the internet's: not private, loopback, link-local, multicast or set apart for anything."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return True
    return address in _GLOBAL_UNICAST and not any(address in each for each in _TUNNELS)
