"""Birthdays that parents and children are told of beforehand."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_BIRTHDAYS)
    let_app("SELECT, INSERT, UPDATE (looked_on, told), DELETE", "birthdays")


_BIRTHDAYS = """
CREATE TABLE birthdays (
    child uuid NOT NULL CONSTRAINT fk_birthdays_child REFERENCES persons (person_id),
    holder uuid NOT NULL CONSTRAINT fk_birthdays_holder REFERENCES persons (person_id),
    years smallint NOT NULL CONSTRAINT ck_birthdays_years_known CHECK (years IN (12, 16)),
    month date NOT NULL,
    told smallint NOT NULL DEFAULT 0 CONSTRAINT ck_birthdays_told_known CHECK (told BETWEEN 0 AND 2),
    looked_on date,
    CONSTRAINT pk_birthdays PRIMARY KEY (child, holder, years)
);
CREATE INDEX ix_birthdays_month ON birthdays (month);
COMMENT ON COLUMN birthdays.month IS 'first day of the month in which the first notice falls';
COMMENT ON COLUMN birthdays.looked_on IS 'the last day on which somebody looked at it';
"""
