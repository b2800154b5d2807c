"""What takes two people of the staff: one asks for it, another decides. And why staff placed a block."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_REQUESTS)
    op.execute(_GUARD)
    op.execute(_BLOCKS)
    # The worker writes down which ones the clock has ended. It can't say that anybody decided: that takes a name.
    let_app("SELECT (request_id, kind, state, expires_at), UPDATE (state)", "staff_requests")


_REQUESTS = """
CREATE TABLE staff_requests (
    request_id uuid CONSTRAINT pk_staff_requests PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    concerning uuid[] NOT NULL,
    account uuid NOT NULL,
    person uuid NOT NULL CONSTRAINT fk_staff_requests_person REFERENCES persons (person_id),
    reason text NOT NULL,
    case_number text NOT NULL,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT ck_staff_requests_state_known
        CHECK (state IN ('requested', 'approved', 'refused', 'withdrawn', 'expired')),
    decided_account uuid,
    decided_person uuid CONSTRAINT fk_staff_requests_decided_person REFERENCES persons (person_id),
    decided_at timestamptz,
    CONSTRAINT ck_staff_requests_ends_after_it_begins CHECK (expires_at > requested_at),
    CONSTRAINT ck_staff_requests_decided_by_somebody CHECK (
        (state IN ('requested', 'expired')) = (num_nonnulls(decided_account, decided_person, decided_at) = 0)
        AND num_nonnulls(decided_account, decided_person, decided_at) IN (0, 3)
    )
);
CREATE INDEX ix_staff_requests_waiting ON staff_requests (expires_at) WHERE state = 'requested';
CREATE INDEX ix_staff_requests_over ON staff_requests (requested_at DESC) WHERE state <> 'requested';
COMMENT ON COLUMN staff_requests.payload IS 'what is to be done, whole; no BSN, name or secret';
COMMENT ON COLUMN staff_requests.concerning IS 'the people whose case it is';
COMMENT ON COLUMN staff_requests.account IS 'whose login asked for it';
COMMENT ON COLUMN staff_requests.person IS 'who that is: four eyes are those of two people';
COMMENT ON COLUMN staff_requests.reason IS 'in words; empty once it was erased';
COMMENT ON COLUMN staff_requests.case_number IS 'empty once it was erased';
"""

_BLOCKS = """
ALTER TABLE blocks ADD COLUMN reason text,
    ADD CONSTRAINT ck_blocks_reason_known CHECK (reason IN ('safety', 'care_provider', 'decision')),
    ADD CONSTRAINT ck_blocks_staff_say_why CHECK (placed_by = 'staff' OR reason IS NULL);
COMMENT ON COLUMN blocks.reason IS 'why staff placed it: a code';
CREATE INDEX ix_blocks_of_staff ON blocks (placed_at) WHERE placed_by = 'staff' AND lifted_at IS NULL;
"""

# What was asked for is what is decided about: neither that, nor a decision, is ever changed, by whatever role. Only the
# words may be erased. Whoever asked decides nothing, nor do those whom it is about.
_GUARD = """
CREATE FUNCTION guard_staff_request() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' OR NEW.person = ANY (NEW.concerning) THEN
            RAISE EXCEPTION 'a request begins as one, and not by whom it is about' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.request_id, NEW.kind, NEW.payload, NEW.concerning) IS DISTINCT FROM
        (OLD.request_id, OLD.kind, OLD.payload, OLD.concerning)
        OR (NEW.account, NEW.person, NEW.requested_at, NEW.expires_at) IS DISTINCT FROM
        (OLD.account, OLD.person, OLD.requested_at, OLD.expires_at)
    THEN
        RAISE EXCEPTION 'what was asked for never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.reason <> OLD.reason AND NEW.reason <> '') OR (NEW.case_number <> OLD.case_number AND NEW.case_number <> '')
    THEN
        RAISE EXCEPTION 'words are erased, and not changed' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'requested' THEN
        IF (NEW.state, NEW.decided_account, NEW.decided_person, NEW.decided_at)
            IS DISTINCT FROM (OLD.state, OLD.decided_account, OLD.decided_person, OLD.decided_at)
        THEN
            RAISE EXCEPTION 'it was decided' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IN ('approved', 'refused') AND (NEW.decided_person = OLD.person OR NEW.decided_account = OLD.account
        OR NEW.decided_person = ANY (OLD.concerning) OR NEW.decided_at >= OLD.expires_at)
    THEN
        RAISE EXCEPTION 'another person decides, in time' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'withdrawn' AND NEW.decided_person <> OLD.person THEN
        RAISE EXCEPTION 'whoever asked takes it back' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'expired' AND clock_timestamp() < OLD.expires_at THEN
        RAISE EXCEPTION 'it may still be decided' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_staff_request BEFORE INSERT OR UPDATE ON staff_requests
    FOR EACH ROW EXECUTE FUNCTION guard_staff_request();
CREATE TRIGGER append_only_rows BEFORE DELETE ON staff_requests
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON staff_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER guard_staff_request;
ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER append_only_table;
"""
