# Alembic runs this file for every command; `vad.adapters.postgres.migrate` has put the open connection in its reach.

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
