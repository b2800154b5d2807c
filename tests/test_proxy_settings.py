"""The settings of the proxy before VAD, and of whom VAD trusts."""

import pytest

from tests.test_settings import Load, faults, load

__all__ = ["load"]

_NETWORKS, _HTTPS = "must be networks, such as 10.1.0.0/24, separated by commas", "must be https in production"
PROXY = {"VAD__PROXY__TRUSTED": "10.1.0.7/32, fd00::/64", "VAD__PROXY__CLIENT_CERTIFICATE_HEADER": "Client-Cert"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, None),
        ({"VAD__PROXY__TRUSTED": ""}, "proxy.trusted: goes with proxy.client_certificate_header, and that with it"),
        (
            {"VAD__PROXY__TRUSTED": "10.1.0.7/8"},
            f"proxy.trusted: {_NETWORKS}",
        ),
        ({"VAD__PROXY__CLIENT_CA_FILE": "/absent"}, "proxy.client_ca_file: is no file"),
        ({"VAD__OUTGOING__CA_FILE": "/absent"}, "outgoing.ca_file: is no file"),
        (
            {"VAD__PROXY__CERTIFICATE_ORIGIN": "http://mtls.example"},
            f"proxy.certificate_origin: {_HTTPS}",
        ),
    ],
)
def test_certificates_come_from_a_proxy_that_is_named(load: Load, changes: dict[str, str], told: str | None) -> None:
    """A header that anybody could set proves nothing: it goes with the networks that it is believed from."""
    environment = PROXY | changes
    if told is None:
        assert [str(each) for each in load(**environment).proxy.networks] == ["10.1.0.7/32", "fd00::/64"]
    else:
        assert faults(load, **environment) == {told}


def test_nothing_of_certificates_without_their_header(load: Load) -> None:
    """What belongs to them has no meaning alone."""
    told = faults(load, VAD__PROXY__CERTIFICATE_ORIGIN="https://mtls.example", VAD__PROXY__TRUSTED="10.1.0.0/24")
    assert "proxy.certificate_origin: needs proxy.client_certificate_header" in told
