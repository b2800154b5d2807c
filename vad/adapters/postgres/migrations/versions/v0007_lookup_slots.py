"""Look-up keys take turns in two pairs of columns, and nobody is added whom the living keys do not find."""

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_SLOTS)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_ADMISSION.replace("SCHEMA.", f"{schema}."))


# The look-up key that is there made what stands in bsn_lookup: slot 1. A release that knows no slots goes on with it.
_SLOTS = """
ALTER TABLE keys ADD COLUMN slot smallint NOT NULL DEFAULT 1 CONSTRAINT ck_keys_slot_known CHECK (slot IN (1, 2));
CREATE UNIQUE INDEX uq_keys_lookup_slot ON keys (slot) WHERE purpose = 'lookup';
COMMENT ON COLUMN keys.slot IS 'of a look-up key: 1 for bsn_lookup, 2 for bsn_lookup_next';
ALTER TABLE persons
    ALTER COLUMN bsn_lookup DROP NOT NULL,
    ALTER COLUMN bsn_lookup_key_id DROP NOT NULL,
    ADD CONSTRAINT ck_persons_lookup_whole CHECK ((bsn_lookup IS NULL) = (bsn_lookup_key_id IS NULL)),
    ADD CONSTRAINT ck_persons_lookup_there CHECK (num_nonnulls(bsn_lookup, bsn_lookup_next) > 0),
    ADD CONSTRAINT ck_persons_lookup_next_is_hmac CHECK (octet_length(bsn_lookup_next) = 32);
COMMENT ON COLUMN persons.bsn_lookup IS
    'HMAC-SHA-256 of the BSN under the look-up key of slot 1, never a plain hash';
COMMENT ON COLUMN persons.bsn_lookup_next IS 'the same under the look-up key of slot 2; keys take turns';
"""

# Whoever adds a person with other hashes than those of the keys that live adds nobody: that process has yet to hear of
# a change, and might make a second person for one BSN. It looks again, and then it knows. The lock is shared among
# those who add persons, and taken alone by who changes look-up keys (`key_rotation`): all who add at one moment have
# the same keys. The function reads the keys after it has the lock, in a snapshot of that moment. Not ALWAYS: a replica
# takes what was admitted elsewhere.
_ADMISSION = """
CREATE FUNCTION admit_person() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    lacking bigint;
    known bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(130160663751787);
    SELECT count(*) FILTER (WHERE NOT made), count(*) FILTER (WHERE made) INTO lacking, known
        FROM (
            SELECT key_id IS NOT DISTINCT FROM
                CASE slot WHEN 1 THEN NEW.bsn_lookup_key_id ELSE NEW.bsn_lookup_next_key_id END AS made
            FROM SCHEMA.keys WHERE purpose = 'lookup' AND state <> 'retired'
        ) AS living;
    IF lacking = 0 AND known = num_nonnulls(NEW.bsn_lookup_key_id, NEW.bsn_lookup_next_key_id) THEN
        RETURN NEW;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER admit_person BEFORE INSERT ON persons FOR EACH ROW EXECUTE FUNCTION admit_person();
"""
