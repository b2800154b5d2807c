"""`vad keys csr` and `vad keys certify`: certificates for keys that sign, which themselves never leave the vault."""

from datetime import UTC, datetime
from pathlib import Path

import click

from vad.adapters.postgres.key_certificates import PostgresKeyCertificates
from vad.adapters.x509.errors import CertificateError
from vad.adapters.x509.signing_chain import LONGEST, SigningChain
from vad.adapters.x509.signing_request import Applicant, signing_request
from vad.bootstrap.foundation import master_key
from vad.bootstrap.key_certification import certification
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrated
from vad.settings import Settings

_ID = {"ignore_unknown_options": True}
"""An id may begin with a hyphen."""


@click.command(context_settings=_ID)
@click.argument("key_id")
@click.option("--organisation", help="Its registered name [default: operator.name].")
@click.option("--oin", help="Its OIN, 20 digits [default: prs.oin].")
@click.option("--identifier", default="", help="Its number at the Chamber of Commerce, as NTRNL-12345678.")
@click.option("--common-name", default="", help="What the certificate is called [default: the organisation].")
def csr(key_id: str, *, organisation: str | None, oin: str | None, identifier: str, common_name: str) -> None:
    """Write a request (PKCS#10, PEM) for a certificate of the signing key KEY_ID, which is active or next."""
    with plain_errors():
        known = known_settings()
        applicant = Applicant(organisation or known.operator.name, oin or known.prs.oin, identifier, common_name)
        request = signing_request(applicant, _certificates(known).signing_key(key_id).private)
    click.echo(f"asks for {applicant.subject.rfc4514_string()}", err=True)
    click.echo(request, nl=False)


@click.command(context_settings=_ID)
@click.argument("key_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def certify(key_id: str, file: Path) -> None:
    """Publish with the signing key KEY_ID its certificate, and those of the authorities behind it, of FILE (PEM).

    The certificate of the key comes first, then that of whoever signed it, and so on. Those of before are replaced.
    """
    with plain_errors():
        known = known_settings()
        chain, demanded, now = SigningChain.from_pem(_read(file)), certification(known), datetime.now(UTC)
        accepted = _certificates(known).certify(key_id, chain, demanded, now)
    count = len(accepted.certificates)
    click.echo(f"{key_id} has {count} certificates, good until {accepted.ends:%Y-%m-%d %H:%M} UTC")


def _certificates(known: Settings) -> PostgresKeyCertificates:
    return PostgresKeyCertificates(migrated(known), master_key(known))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LONGEST + 1)
    except OSError as error:
        raise CertificateError(f"{file}: {error.strerror}") from None
