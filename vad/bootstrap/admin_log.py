"""What the pages and the API for staff need of the log, beyond asking it: exports, proofs, and programs' tokens."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial

from vad.adapters.http.caller import HttpCaller
from vad.adapters.jose.statements import JwsStatements
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.log_stream import LIMITS, PostgresLogStream
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.staff_idp.access_tokens import StaffAccessTokens
from vad.adapters.staff_idp.oidc import Demands
from vad.adapters.vault.randomness import SystemRandomness
from vad.adapters.zip_stream import zip_stream
from vad.bootstrap.foundation import Foundation
from vad.services.log_export import LogExports
from vad.services.log_filter_kept import registered
from vad.services.log_proving import LogProving
from vad.services.ports.tokens import PersonReferences
from vad.services.staff_api_access import StaffApiAccess
from vad.web.admin.audit.document import PREFIX
from vad.web.support.services import now


def exports(foundation: Foundation, references: PersonReferences) -> LogExports:
    """Signed exports, on connections of their own."""
    url = foundation.settings.admin.database_url
    return LogExports(
        work=foundation.work,
        stream=PostgresLogStream(
            Database(url.get_secret_value() if url else "", LIMITS, application_name="vad-export")
        ),
        references=references,
        signer=JwsStatements(foundation.keys),
        archive=zip_stream,
        random=SystemRandomness(),
        clock=now,
        issuer=foundation.settings.service.issuer,
        registered=partial(registered, foundation.registrations),
    )


def proving(foundation: Foundation) -> Callable[[], AbstractContextManager[LogProving]]:
    """What makes proofs, each in a transaction."""

    @contextmanager
    def opened() -> Iterator[LogProving]:
        with Transaction(foundation.database) as transaction:
            yield LogProving(PostgresLogReader(transaction))

    return opened


def api_access(foundation: Foundation, caller: HttpCaller) -> StaffApiAccess:
    """Who comes to the API of the log."""
    admin = foundation.settings.admin
    audience = f"{admin.origin}{PREFIX}"
    demands = Demands(admin.acr or "", admin.roles_claim)
    life = timedelta(minutes=admin.login_minutes)
    return StaffApiAccess(foundation.work, StaffAccessTokens(admin.issuer or "", audience, demands, life, caller))
