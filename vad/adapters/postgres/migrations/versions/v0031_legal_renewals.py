"""A mandate on the ground of law goes on by a new decision: its end moves on by two of the staff alone."""

from alembic import op
from sqlalchemy import text

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_RENEWALS)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_FOUR_EYES.replace("SCHEMA.", f"{schema}."))


_RENEWALS = """
ALTER TABLE legal_mandates
    ADD COLUMN renewed_until timestamptz,
    ADD COLUMN renewal_proposed_by uuid
        CONSTRAINT fk_legal_mandates_renewal_proposed_by REFERENCES persons (person_id),
    ADD COLUMN renewal_approved_by uuid
        CONSTRAINT fk_legal_mandates_renewal_approved_by REFERENCES persons (person_id),
    ADD CONSTRAINT ck_legal_mandates_renewal_four_eyes CHECK (renewal_proposed_by <> renewal_approved_by);
COMMENT ON COLUMN legal_mandates.renewed_until IS 'its end by the newest decision; null: the first';
"""

# Who approved it stands before the end moves on, and nobody decides about themself.
_FOUR_EYES = """
CREATE FUNCTION check_renewal() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM SCHEMA.legal_mandates AS l WHERE l.mandate_id = NEW.mandate_id AND l.renewed_until = NEW.ends_at
            AND NEW.represented NOT IN (l.renewal_proposed_by, l.renewal_approved_by)
            AND NEW.representative NOT IN (l.renewal_proposed_by, l.renewal_approved_by)
    ) THEN
        RAISE EXCEPTION 'two others renew it' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_renewal';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_renewal BEFORE UPDATE OF ends_at ON mandates
    FOR EACH ROW WHEN (NEW.route = 'legal' AND NEW.ends_at > OLD.ends_at)
    EXECUTE FUNCTION check_renewal();
ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_renewal;
"""
