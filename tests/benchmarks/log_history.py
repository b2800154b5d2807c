"""A log of years, for the questions of `log_questions`: written by PostgreSQL, month by month, and sealed by VAD.

Events of one request, login or grant stand together, as they do in a real log. One person did much more than others:
the member of the staff who asks. Of the last days there is what makes a signal; and of each hour some checkpoints were
signed, of which the database has left one, as the worker lets it.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.support.database import ask
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.domain.commitment import SALT_BYTES, commitment

MONTHS = 36
RARE = "https://source-rare.example"
"""A source of which an event in fifty thousand is."""
_LENGTH = timedelta(days=30)
_EVENTS_AN_HOUR = 400
_HOURS = (MONTHS * 30 - 3) * 24
_SALT, _WHY = bytes(SALT_BYTES), {"reason": "Somebody asked."}
_PATIENCE = Limits(statement=600_000, idle_in_transaction=600_000)
# Of twenty events: eleven tokens for oneself, two on a mandate, one of a parent, three logins, a consent, a refusal,
# and one of the life of a mandate or, as often, something that staff did. One in fifty is of person 0.
_FILL = """
INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, staff, represented, client_id, resource, basis,
    reason, sid, grant_id, request_id, correlation_id, origin, commitment, evidence)
SELECT gen_random_uuid(), %(begin)s::timestamptz + (i - %(first)s + random())
        * ((%(end)s::timestamptz - %(begin)s::timestamptz) / (%(last)s - %(first)s + 1)),
    CASE WHEN k <= 14 THEN 'token.issued' WHEN k <= 17 THEN 'login.succeeded' WHEN k = 18 THEN 'consent.given'
        WHEN k = 19 THEN 'token.refused' WHEN done = 0 THEN 'staff.logged_in' WHEN done = 1 THEN 'approval.requested'
        WHEN done = 2 THEN 'approval.granted' WHEN by_staff THEN 'staff.viewed'
        WHEN i %% 4000 = 39 THEN 'mandate.ended' ELSE 'mandate.accepted' END,
    CASE k WHEN 19 THEN 'refused' ELSE 'success' END,
    CASE WHEN by_staff THEN NULL WHEN k IN (12, 13, 19) THEN m.representative ELSE p.person_id END,
    CASE WHEN by_staff THEN a.account_id END,
    CASE WHEN k IN (12, 13, 19, 20) THEN m.represented WHEN k = 14 THEN p.other ELSE p.person_id END,
    'app-' || i %% 40, CASE i %% 50000 WHEN 1 THEN %(rare)s ELSE 'https://source-' || i %% 25 || '.example' END,
    CASE WHEN k <= 11 THEN 'self' WHEN k <= 13 THEN 'mandate' WHEN k = 14 THEN 'parental_authority' END,
    CASE WHEN k = 19 THEN (ARRAY['NO_CONSENT', 'BLOCKED', 'NO_GROUND', 'LOA', 'CURATELE'])[1 + (i / 20) %% 5]
        WHEN i %% 4000 = 39 THEN 'deceased' END,
    md5('login ' || i / 8), CASE WHEN k <= 14 THEN md5('grant ' || i / 4)::uuid END, md5(i::text), md5((i / 3)::text),
    '192.0.2.0/24', CASE WHEN by_staff THEN %(promised)s::bytea END,
    jsonb_build_object('acr', 'midden', 'consents', '[]'::jsonb, 'until', %(end)s, 'jti', md5(i::text))
        || CASE WHEN k IN (12, 13, 19, 20) THEN jsonb_build_object('mandate', m.mandate_id) ELSE '{}' END
        || CASE WHEN done IN (1, 2) THEN jsonb_build_object('request', md5((i / 4000)::text)) ELSE '{}' END
        || CASE WHEN by_staff THEN jsonb_build_object('action', 'view_' || i / 40 %% 12, 'roles', '[]'::jsonb)
            ELSE '{}' END
FROM (
        SELECT i, 1 + i %% 20 AS k, i %% 40 = 19 AS by_staff, CASE WHEN i %% 40 = 19 THEN i / 40 %% 100 END AS done
        FROM generate_series(%(first)s, %(last)s) AS i
    ) AS numbers
    LEFT JOIN accounts AS a ON by_staff AND a.n = i / 40 %% %(accounts)s
    JOIN crowd AS p ON p.n = CASE i %% 50 WHEN 7 THEN 0 ELSE i %% %(persons)s END
    JOIN pairs AS m ON m.n = i %% %(mandates)s
"""
_SAMPLES = """
CREATE TABLE crowd AS SELECT person_id, lead(person_id, 1, person_id) OVER () AS other, row_number() OVER () - 1 AS n
    FROM persons;
CREATE UNIQUE INDEX ON crowd (n);
CREATE TABLE pairs AS SELECT mandate_id, represented, representative, row_number() OVER () - 1 AS n
    FROM mandates WHERE state = 'active';
CREATE UNIQUE INDEX ON pairs (n);
INSERT INTO birthdays SELECT person_id, other, 12, date_trunc('month', now())::date - 31 * (n % 120)::int, 0, NULL
    FROM crowd WHERE n % 20 = 0 AND person_id <> other;
INSERT INTO staff_accounts SELECT gen_random_uuid(), 'https://staff.example', n::text, person_id,
    now() - interval '3 years', NULL FROM crowd WHERE n < 60;
CREATE TABLE accounts AS SELECT account_id, row_number() OVER () - 1 AS n FROM staff_accounts
    WHERE issuer = 'https://staff.example';
ANALYZE crowd; ANALYZE pairs; ANALYZE birthdays; ANALYZE staff_accounts
"""
_APART = """
INSERT INTO audit_erasable SELECT event_id, recorded_at, %s, %s FROM audit_events WHERE commitment IS NOT NULL
"""
# Of each of twenty days: a dozen people with many wrong codes, a dozen who were busy for others at two in the night;
# and one day with far more refusals than usual. Half of the signals were handled.
_SIGNALS = """
INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, basis, evidence)
    SELECT gen_random_uuid(), least(now(), day + hour * interval '1 hour' + k * interval '1 minute'), of_type,
        'success', person_id, CASE of_type WHEN 'token.issued' THEN other ELSE person_id END,
        CASE of_type WHEN 'token.issued' THEN 'parental_authority' END, '{}'
    FROM generate_series(date_trunc('day', now()) - interval '20 days', now(), interval '1 day') AS day,
        (VALUES ('mandate.code_refused', 9, 12), ('token.issued', 2, 25)) AS done (of_type, hour, times),
        generate_series(1, 25) AS k, crowd
    WHERE k <= times AND n BETWEEN 100 AND 111;
INSERT INTO audit_events (event_id, recorded_at, type, outcome, reason, evidence)
    SELECT gen_random_uuid(), now() - interval '2 days', 'token.refused', 'refused', 'LOA', '{}'
    FROM generate_series(1, 100 + (SELECT count(*)::int / 4 FROM audit_events
        WHERE outcome = 'refused' AND recorded_at > now() - interval '20 days'));
INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    SELECT gen_random_uuid(), least(now(), day + interval '10 hours'), 'signal.raised', 'success', jsonb_build_object(
        'signal', 'wrong_codes', 'person', person_id, 'occasion', to_char(day, 'YYYY-MM-DD'), 'measured', 12)
    FROM generate_series(date_trunc('day', now()) - interval '3 years', now(), interval '1 day') AS day, crowd
    WHERE n BETWEEN 100 AND 111;
INSERT INTO handled_signals SELECT evidence ->> 'signal', evidence ->> 'person', evidence ->> 'occasion', account_id,
    recorded_at FROM audit_events, staff_accounts WHERE type = 'signal.raised' AND subject = '0'
    AND evidence ->> 'person' < '8'
"""
_ONE_EVENT = """
INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence) VALUES
    (gen_random_uuid(), %s, 'login.failed', 'refused', '{}')
"""
_THIN = """
DO $$ BEGIN WHILE thin_log_checkpoints() > 0 LOOP NULL; END LOOP; END $$
"""


def fill(url: str, worker_url: str, events: int, key: CheckpointKey) -> None:
    """Write so many, the oldest month first, and seal them."""
    ask(url, _SAMPLES)
    now = datetime.now(UTC)
    ask(url, "SELECT keep_audit_months(%s::date, %s::date)", ((now - _LENGTH * MONTHS).date(), now.date()))
    sizes = {}
    for each, of in (("persons", "crowd"), ("mandates", "pairs"), ("accounts", "accounts")):
        [(sizes[each],)] = ask(url, f"SELECT count(*) FROM {of}")  # noqa: S608 - names of ours
    for month in range(MONTHS):
        end = now - _LENGTH * (MONTHS - 1 - month)
        first, last = events * month // MONTHS, events * (month + 1) // MONTHS - 1
        given = {"begin": end - _LENGTH, "end": end, "first": first, "last": last, "rare": RARE, **sizes}
        given["promised"] = f"\\x{commitment(_SALT, _WHY).hex()}"
        ask(url, _FILL % {name: _literal(each) for name, each in given.items()})
    ask(url, _APART, (_SALT, json.dumps(_WHY)))
    ask(url, _SIGNALS)
    ask(url, "ANALYZE audit_events; ANALYZE audit_erasable")
    database = Database(worker_url, _PATIENCE)
    hours = min(_HOURS, events // _EVENTS_AN_HOUR)
    _seal(database, key, now, [now - timedelta(hours=50 + ago) for ago in range(hours, 0, -1)], url)
    ask(url, _THIN)
    _seal(database, key, now, [], url)
    database.close()
    ask(url, "VACUUM (ANALYZE)")


def _seal(database: Database, key: CheckpointKey, now: datetime, hours: Sequence[datetime], url: str) -> None:
    """Seal what there is as if it were that long ago; then an event of each of these hours."""
    sealed = PostgresSealedLog(database)
    while sealed.seal(key, hours[0] if hours else now).more:
        pass
    for at in hours:
        ask(url, _ONE_EVENT, (at,))
        sealed.seal(key, at)


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"
