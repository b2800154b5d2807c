"""Mandates that were asked for by letter: whom the letter is for, and the code that stops them."""

from alembic import op
from sqlalchemy import text

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE mandates DROP CONSTRAINT ck_mandates_route_known")
    op.execute(
        "ALTER TABLE mandates ADD CONSTRAINT ck_mandates_route_known CHECK (route IN ('offer', 'request', 'letter'))"
    )
    op.execute(_LETTERS)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_STOPPABLE.replace("SCHEMA.", f"{schema}."))
    let_app("SELECT, INSERT, UPDATE (asked_sealed, asked_key_id, addressee, stop_hash, stop_tries)", "mandate_letters")


_LETTERS = """
CREATE TABLE mandate_letters (
    mandate_id uuid CONSTRAINT pk_mandate_letters PRIMARY KEY
        CONSTRAINT fk_mandate_letters_mandate_id REFERENCES mandates (mandate_id),
    asked_sealed bytea,
    asked_key_id text,
    addressee uuid CONSTRAINT fk_mandate_letters_addressee REFERENCES persons (person_id),
    stop_hash bytea CONSTRAINT uq_mandate_letters_stop_hash UNIQUE,
    stop_tries integer NOT NULL DEFAULT 0,
    CONSTRAINT ck_mandate_letters_asked_whole CHECK ((asked_sealed IS NULL) = (asked_key_id IS NULL)),
    CONSTRAINT ck_mandate_letters_asked_until_known CHECK (num_nonnulls(asked_sealed, addressee) <= 1),
    CONSTRAINT ck_mandate_letters_stop_hash_is_hmac CHECK (octet_length(stop_hash) = 32),
    CONSTRAINT ck_mandate_letters_stops_for_somebody CHECK (stop_hash IS NULL OR addressee IS NOT NULL),
    CONSTRAINT ck_mandate_letters_tries_bounded CHECK (stop_tries BETWEEN 0 AND 5)
);
COMMENT ON COLUMN mandate_letters.asked_sealed IS
    'BSN and birth date that were asked for; AES-256-GCM; gone once looked up';
COMMENT ON COLUMN mandate_letters.addressee IS 'whom the letter with the code went to; null: not yet, or to nobody';
COMMENT ON COLUMN mandate_letters.stop_hash IS 'keyed hash of the code that stops it';
COMMENT ON COLUMN mandate_letters.stop_tries IS 'right stop codes with a wrong birth date';
"""

# None is in force before there is a code that stops it.
_STOPPABLE = """
CREATE FUNCTION check_stoppable() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM SCHEMA.mandate_letters AS l WHERE l.mandate_id = NEW.mandate_id AND l.stop_hash IS NOT NULL
            AND l.addressee = NEW.represented
    ) THEN
        RAISE EXCEPTION 'nobody could stop it' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_mandates_stoppable';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_stoppable BEFORE UPDATE OF state ON mandates
    FOR EACH ROW WHEN (NEW.route = 'letter' AND NEW.state = 'active' AND OLD.state <> 'active')
    EXECUTE FUNCTION check_stoppable();
ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_stoppable;
"""
