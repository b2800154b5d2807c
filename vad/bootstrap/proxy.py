"""The proxy that ends TLS before VAD: what it passes on, and from where that is believed."""

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.x509.client_certificates import PassedOnCertificates
from vad.settings import Settings
from vad.web.support.client_certificate import TrustedCertificates

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def behind(app: "WSGIApplication", settings: Settings) -> "WSGIApplication":
    """The application, told of callers' addresses and certificates as the settings say."""
    if settings.http.trusted_proxies:
        app = ProxyFix(app, x_for=settings.http.trusted_proxies)
    header = settings.proxy.client_certificate_header
    # Outermost: what matters is the neighbour's own address, not the one that it speaks for.
    return app if header is None else TrustedCertificates(app, header, settings.proxy.networks)


def client_certificates(settings: Settings) -> PassedOnCertificates:
    """What reads them. Raises `ConfigurationFileError`."""
    try:
        return PassedOnCertificates(settings.proxy.client_ca_file)
    except (OSError, ValueError) as error:
        raise ConfigurationFileError("proxy.client_ca_file: cannot be read as certificates") from error
