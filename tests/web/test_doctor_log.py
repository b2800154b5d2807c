"""The key that signs the log: how old it is, for `vad doctor` and for the alert (A8)."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from prometheus_client import generate_latest

from tests.adapters.postgres.test_log_keeping import KEY, fresh, keeping, log
from tests.adapters.postgres.test_log_sealer import write
from tests.support.database import FreshDatabase
from tests.support.town import Town
from vad.adapters.metrics import Metrics
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.log_state import log_state
from vad.cli.doctor_log import sealed_log
from vad.cli.findings import Finding, Level

__all__ = ["fresh", "log"]


def test_a_key_that_is_older_than_its_term(
    vad_town: Town, fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path
) -> None:
    """Told from the day after `audit.checkpoint_key_days`; of one that never signed there is no age."""
    file, began = tmp_path / "log.key", datetime.now(UTC) - timedelta(days=3)
    file.write_text(KEY)
    file.chmod(0o600)
    metrics, database = Metrics(), Database(fresh.app_url)
    metrics.watch_log(partial(log_state, database), 2)

    def told(days: int) -> Finding:
        audit = vad_town.settings.audit.model_copy(update={"checkpoint_key_file": file, "checkpoint_key_days": days})
        known = vad_town.settings.model_copy(update={"audit": audit})
        return next(each for each in sealed_log(known, database) if each.check == "log key")

    assert told(1) == Finding("log key", Level.OK, "signs as log.example/log; it has signed nothing yet")
    assert b"vad_log_key_rotate_by" not in generate_latest(metrics.registry)
    write(fresh, 2)
    begun = keeping(log, tmp_path)
    while begun.turn(began).added:
        pass
    assert told(3) == Finding("log key", Level.OK, "signs as log.example/log for 3 days")
    assert told(2) == Finding(
        "log key", Level.WARN, "signs as log.example/log for 3 days; older than 2 days: change it"
    )
    due = metrics.registry.get_sample_value("vad_log_key_rotate_by_timestamp_seconds")
    assert due == (began + timedelta(days=2)).timestamp()
    database.close()
