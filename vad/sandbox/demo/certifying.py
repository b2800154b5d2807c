"""Certificates of VAD's signing keys in a demo with TLS: of an authority of its own, where PKIoverheid would be."""

from datetime import UTC, datetime, timedelta

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_certificates import PostgresKeyCertificates
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import KeyState, Purpose
from vad.adapters.x509.signing_chain import SigningChain
from vad.adapters.x509.signing_request import Applicant, signing_request
from vad.bootstrap.foundation import master_key
from vad.bootstrap.key_certification import certification
from vad.sandbox.demo.state import State
from vad.sandbox.tls.authority import Authority
from vad.settings import Settings

_MONTH = timedelta(days=30)


def certify(state: State, known: Settings) -> None:
    """Do what an operator does with `vad keys csr` and `certify`, for each key whose certificate is not good for long.

    The next ones as well, so that one who rotates them in the demo has nothing to wait for.
    """
    authority = Authority.kept(state.tls, state.signing_ca_file.stem, of_localhost=False)
    applicant, demanded, master = Applicant(known.operator.name, known.prs.oin), certification(known), master_key(known)
    now = datetime.now(UTC)
    database = Database((known.database.migrate_url or known.database.url).get_secret_value())
    try:
        store = PostgresKeyCertificates(database, master)
        for key in KeyRing(master, PostgresKeys(database).load()).all(Purpose.SIGNING):
            if key.state is not KeyState.RETIRED and demanded.fault(key, now + _MONTH):
                answer = authority.for_signatures(signing_request(applicant, key.private))
                store.certify(key.key_id, SigningChain.from_pem(answer.encode()), demanded, now)
    finally:
        database.close()
