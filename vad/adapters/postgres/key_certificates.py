"""Giving a signing key its certificate, and the key that asks for one. For the migrating role alone."""

from datetime import datetime

from sqlalchemy import bindparam, update

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import lock_keys, named, stored_keys, tell_processes
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_rows import KeyRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.certification import Certification
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import Key, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.x509.signing_chain import SigningChain
from vad.domain.audit_keys import KeyCertified

_K = table(KeyRow)
_CERTIFY = Query(
    update(_K)
    .where(_K.c.key_id == bindparam("of_key"))
    .values(certificates=bindparam("chain"), certified_at=bindparam("at"))
)


class PostgresKeyCertificates:
    """Keys that sign, or are to sign next. Raises `UnknownKeyError` for any other, and `SealBrokenError`."""

    def __init__(self, database: Database, master: MasterKey) -> None:
        self._database = database
        self._master = master

    def signing_key(self, key_id: str) -> Key:
        """The key, opened."""
        with Transaction(self._database) as transaction:
            return self._opened(transaction, key_id)

    def certify(self, key_id: str, chain: SigningChain, demanded: Certification, at: datetime) -> SigningChain:
        """Store these certificates in the place of any before; return them as they are published.

        Raises `CertificateError`, and then nothing was changed. The same ones again change nothing either.
        """
        with Transaction(self._database) as transaction:
            lock_keys(transaction)
            key = self._opened(transaction, key_id)
            accepted = demanded.accepted(chain, key.private, at)
            if accepted.der == key.certificates:
                return accepted
            transaction.change(_CERTIFY, of_key=key_id, chain=list(accepted.der), at=at)
            tell_processes(transaction)
            evidence = {**named(key), "certificate": accepted.fingerprint.hex(), "ends": accepted.ends.isoformat()}
            log = PostgresAuditLog(transaction)
            log.append(KeyCertified(evidence=evidence), at=at)
            log.commit()
            return accepted

    def _opened(self, transaction: Transaction, key_id: str) -> Key:
        ring = KeyRing(self._master, stored_keys(transaction))
        living = (key for key in ring.all(Purpose.SIGNING) if key.state is not KeyState.RETIRED)
        found = next((key for key in living if key.key_id == key_id), None)
        if found is None:
            raise UnknownKeyError(f"there is no signing key {key_id}, active or next")
        return found
