"""A signing key may have a certificate, and those of the authorities behind it: public, as the key's other half is."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_CERTIFICATES)


_CERTIFICATES = """
ALTER TABLE keys
    ADD COLUMN certificates bytea[] NOT NULL DEFAULT '{}'
        CONSTRAINT ck_keys_certificates_of_signing CHECK (certificates = '{}' OR purpose = 'signing'),
    ADD COLUMN certified_at timestamptz;
COMMENT ON COLUMN keys.certificates
    IS 'of a signing key: its X.509 certificate as DER, then that of each who signed the one before';
"""
