"""The settings that name roles in PostgreSQL: each program has its own."""

from tests.test_settings import Load, faults, load

__all__ = ["load"]


def test_the_worker_has_a_role_of_its_own(load: Load) -> None:
    """Not that of the service or of the pages for staff; the latter may be named by who serves no pages for staff."""
    store = "postgresql+psycopg2://{}:hidden-6@db.example/vad".format
    own = {"VAD__DATABASE__URL": store("vad_app"), "VAD__ADMIN__DATABASE_URL": store("vad_admin")}
    assert load(**own, VAD__WORKER__DATABASE_URL=store("vad_worker")).admin.origin is None
    for taken in ("vad_app", "vad_admin"):
        told = faults(load, **own, VAD__WORKER__DATABASE_URL=store(taken) + "?application_name=x")
        assert told == {"worker.database_url: must name a role of its own"}
