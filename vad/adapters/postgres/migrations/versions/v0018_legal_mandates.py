"""Mandates that rest on a court's decision, or on the law: made by two of the staff."""

from alembic import op
from sqlalchemy import text

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE mandates DROP CONSTRAINT ck_mandates_route_known")
    op.execute(
        "ALTER TABLE mandates ADD CONSTRAINT ck_mandates_route_known "
        "CHECK (route IN ('offer', 'request', 'letter', 'legal'))"
    )
    op.execute(_LEGAL)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_FOUR_EYES.replace("SCHEMA.", f"{schema}."))
    let_app("SELECT, INSERT (mandate_id, kind, reference, proposed_by), UPDATE (approved_by)", "legal_mandates")


_LEGAL = """
CREATE TABLE legal_mandates (
    mandate_id uuid CONSTRAINT pk_legal_mandates PRIMARY KEY
        CONSTRAINT fk_legal_mandates_mandate_id REFERENCES mandates (mandate_id),
    kind text NOT NULL CONSTRAINT ck_legal_mandates_kind_known
        CHECK (kind IN ('curator', 'mentor', 'guardian', 'of_young_person')),
    reference text NOT NULL CONSTRAINT ck_legal_mandates_evidence_named CHECK (length(reference) BETWEEN 1 AND 80),
    proposed_by uuid NOT NULL CONSTRAINT fk_legal_mandates_proposed_by REFERENCES persons (person_id),
    approved_by uuid CONSTRAINT fk_legal_mandates_approved_by REFERENCES persons (person_id),
    CONSTRAINT ck_legal_mandates_four_eyes CHECK (proposed_by <> approved_by)
);
COMMENT ON COLUMN legal_mandates.reference IS 'to the decision that it rests on; no names';
COMMENT ON COLUMN legal_mandates.proposed_by IS 'staff, as the person that they are';
"""

# Who approved it stands before it is live, and nobody decides about themself.
_FOUR_EYES = """
CREATE FUNCTION check_four_eyes() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM SCHEMA.legal_mandates AS l WHERE l.mandate_id = NEW.mandate_id AND l.approved_by IS NOT NULL
            AND NEW.represented NOT IN (l.proposed_by, l.approved_by)
            AND NEW.representative NOT IN (l.proposed_by, l.approved_by)
    ) THEN
        RAISE EXCEPTION 'two others make it' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_four_eyes';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_four_eyes BEFORE UPDATE OF state ON mandates
    FOR EACH ROW WHEN (NEW.route = 'legal' AND NEW.state = 'active' AND OLD.state <> 'active')
    EXECUTE FUNCTION check_four_eyes();
ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_four_eyes;
"""
