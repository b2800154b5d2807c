"""Where a request comes from, in whichever spelling the server tells it."""

import pytest

from vad.web.support.neighbours import address_of, network_of


@pytest.mark.parametrize(
    ("told", "house", "region"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:7:1::5", "2001:db8:7:1::/64", "2001:db8:7::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("192.0.2.7:49152", "192.0.2.7/32", "192.0.2.0/24"),
        ("[2001:db8:7:1::5]:443", "2001:db8:7:1::/64", "2001:db8:7::/48"),
        ("[::ffff:192.0.2.7]", "192.0.2.7/32", "192.0.2.0/24"),
        ("192.0.2.7:", None, None),
        ("[]:1", None, None),
        ("", None, None),
        (None, None, None),
        ("unix:", None, None),
    ],
)
def test_a_network_is_that_of_the_address(told: str | None, house: str | None, region: str | None) -> None:
    """IPv4 in the spelling of IPv6 is IPv4, and a port changes nothing: otherwise everybody would share one network."""
    assert network_of(told, bits_v4=32, bits_v6=64) == house
    assert network_of(told, bits_v4=24, bits_v6=48) == region
    assert (address_of(told) is None) == (house is None)
