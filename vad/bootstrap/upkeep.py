"""What `vad worker` runs."""

import time
from functools import partial

from vad.adapters import alerts, delivery_log
from vad.adapters.backchannel_logout import BackchannelLogout
from vad.adapters.configuration.registration_form import RegistrationForm
from vad.adapters.http.caller import Limits
from vad.adapters.jose.answers import JweAnswers
from vad.adapters.jose.logout_tokens import LogoutTokens
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.metrics import Metrics
from vad.adapters.postgres.audit_months import AuditMonths
from vad.adapters.postgres.case_terms import ClosedCases
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.log_thinning import CheckpointThinning
from vad.adapters.postgres.registration_tokens import SpentRegistrationTokens
from vad.adapters.postgres.signals import PostgresSignalCounting
from vad.adapters.vault.check_codes import HmacCheckCodes
from vad.bootstrap import registers
from vad.bootstrap.client_list import client_list_sync
from vad.bootstrap.foundation import lay_foundation
from vad.bootstrap.letters import letter_delivery, letter_requests
from vad.bootstrap.log_keeping import patient, worker_url
from vad.bootstrap.mail import LONGEST, mail_server
from vad.bootstrap.security_events import mandate_end, security_event_delivery
from vad.bootstrap.signals import thresholds
from vad.services.approvals import ApprovalUpkeep
from vad.services.birthday_notices import BirthdayNotices
from vad.services.break_glass import ReviewWatch
from vad.services.client_keys import ClientKeyWatch, SourceKeyWatch
from vad.services.client_list import CLIENT_LIST
from vad.services.deliveries import PER_DESTINATION, Deliverer, DeliveryOutcome
from vad.services.logout_notices import BACKCHANNEL_LOGOUT
from vad.services.mandate_letters import MANDATE_LETTER
from vad.services.mandate_notices import MandateReminders
from vad.services.mandate_upkeep import MandateUpkeep
from vad.services.notice_delivery import MailDelivery
from vad.services.notifications import LETTER, MAIL, PATIENCE, forget_old
from vad.services.ports.outbox import OutboxMessage
from vad.services.security_events import SECURITY_EVENT
from vad.services.signal_watch import SignalWatch
from vad.services.staff_alarms import STAFF_MAIL, StaffMailDelivery
from vad.services.tokens import SECURITY_ALERT
from vad.services.upkeep import Upkeep
from vad.settings import Settings


def create_upkeep(settings: Settings) -> tuple[Upkeep, Metrics]:
    """What `vad worker` runs, and what it counts. Raises `ConfigurationFileError`."""
    foundation = lay_foundation(settings, "worker", worker_url(settings))
    metrics = foundation.metrics

    def observe(message: OutboxMessage, outcome: DeliveryOutcome) -> None:
        delivery_log.tell(message, outcome)
        metrics.delivery(message, outcome)

    total = min(settings.outgoing.total_timeout, LONGEST)
    limits = Limits(connect=settings.outgoing.connect_timeout, total=total, size=16 * 1024, connections=PER_DESTINATION)
    keys_of = Limits(connect=limits.connect, total=total, connections=PER_DESTINATION)
    published = PublishedKeys(registers.apps(foundation, "keys of", keys_of))
    logout = BackchannelLogout(
        foundation.registrations,
        LogoutTokens(foundation.keys, settings.service.issuer),
        JweAnswers(published),
        registers.apps(foundation, "backchannel logout", limits),
    )
    deliverers: dict[str, Deliverer] = {
        SECURITY_ALERT: alerts.raise_security_alert,
        BACKCHANNEL_LOGOUT: logout,
        SECURITY_EVENT: security_event_delivery(foundation, limits),
    }
    mailer = mail_server(settings)
    if mailer is not None:
        deliverers[STAFF_MAIL] = StaffMailDelivery(mailer)
        deliverers[MAIL] = MailDelivery(foundation.work, mailer, HmacCheckCodes(foundation.keys.current))
    register = registers.persons(settings, registers.caller(foundation, "brp"))
    letters = letter_delivery(foundation)
    if letters is not None:
        deliverers[LETTER] = letters
    deliverers[MANDATE_LETTER] = letter_requests(foundation, register)
    mandates = MandateUpkeep(foundation.work, register, mandate_end(foundation))
    birthdays, reminders = BirthdayNotices(foundation.work, register), MandateReminders(foundation.work)
    forget = partial(forget_old, foundation.work)
    months, expired = AuditMonths(foundation.database), ApprovalUpkeep(foundation.work).record_expired
    counting = PostgresSignalCounting(foundation.database)
    signals = SignalWatch(foundation.work, counting, thresholds(settings), metrics.signals)
    reviews = ReviewWatch(foundation.work)
    client_keys = ClientKeyWatch(foundation.registrations.clients, published.get, RegistrationForm().facts)
    source_keys = SourceKeyWatch(foundation.registrations.resource_servers, RegistrationForm().facts)
    listed = client_list_sync(foundation)
    if listed is not None:
        deliverers[CLIENT_LIST] = listed
    chores = (
        *(() if listed is None else (listed.chore,)),
        months,
        mandates.record_overdue,
        mandates.recheck,
        birthdays.tell,
        reminders.tell,
        expired,
        signals,
        reviews,
        client_keys,
        source_keys,
        forget,
        SpentRegistrationTokens(foundation.database),
        ClosedCases(foundation.database, settings.operator.case_years),
        CheckpointThinning(patient(worker_url(settings), "vad-thinning")),
    )
    patience = {MAIL: PATIENCE, STAFF_MAIL: PATIENCE, LETTER: PATIENCE, MANDATE_LETTER: PATIENCE}
    upkeep = Upkeep(foundation.work, deliverers, time.monotonic, observe, chores, patience)
    metrics.watch_reviews(lambda: reviews.overdue)
    metrics.watch_client_keys(lambda: client_keys.ends, lambda: client_keys.unread)
    metrics.watch_source_keys(lambda: source_keys.ends)
    metrics.watch_log(partial(log_state, foundation.database), settings.audit.checkpoint_key_days)
    metrics.watch(upkeep.backlog, {*deliverers, *patience})
    return upkeep, metrics
