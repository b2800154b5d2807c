"""The steps that bring a database to this release's schema, oldest first in `versions`.

`vad.adapters.postgres.migrate` runs them. A released step is never changed; a new one must let the release before it go
on running.
"""
