"""The network address that a request comes from."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address
_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")


def address_of(text: str | None) -> Address | None:
    """The address; None where there is none.

    A server that listens for both families hears of IPv4 in the spelling of IPv6. To it all of IPv4 would be one
    network: whoever wears out a limit there would wear it out for everybody. So they would where a proxy writes the
    port beside each address, if that were none.
    """
    written = _WITH_PORT.fullmatch(text or "")
    try:
        found = ip_address((written["v6"] or written["v4"] or "") if written else text or "")
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def network_of(text: str | None, *, bits_v4: int, bits_v6: int) -> str | None:
    """The network of so many bits that the address is in; None where there is no address."""
    found = address_of(text)
    if found is None:
        return None
    return str(ip_network((found.packed, bits_v4 if isinstance(found, IPv4Address) else bits_v6), strict=False))
