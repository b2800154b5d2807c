"""What an app was called before: whoever agreed to it then has to know it again."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_FORMER)


# By the database, so that it holds for whoever writes: staff, files, a list, and the app itself.
_FORMER = """
ALTER TABLE clients ADD COLUMN former_name text NOT NULL DEFAULT '', ADD COLUMN renamed_at timestamptz;
COMMENT ON COLUMN clients.former_name IS 'what it was called until renamed_at; written by a trigger alone';

CREATE FUNCTION remember_former_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.former_name := '';
        NEW.renamed_at := NULL;
    ELSIF NEW.name <> OLD.name THEN
        NEW.former_name := OLD.name;
        NEW.renamed_at := now();
    ELSE
        NEW.former_name := OLD.former_name;
        NEW.renamed_at := OLD.renamed_at;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER clients_former_name BEFORE INSERT OR UPDATE ON clients
    FOR EACH ROW EXECUTE FUNCTION remember_former_name();
"""
