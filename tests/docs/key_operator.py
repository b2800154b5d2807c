"""Somebody who looks after the keys by the commands of a document."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from tests.support.database import FreshDatabase, ask
from tests.support.documents import PROJECT
from vad.adapters.vault.master_key import MasterKey
from vad.cli.main import cli

_OF_VAD_ALONE = re.compile(r"(?:vad [\w -]+\n?)+")
"""Commands of VAD one after the other: no files, no redirections, nothing else that a shell does."""


@dataclass(frozen=True)
class Operator:
    """Somebody who types what the document says, in a folder with a master key and settings."""

    folder: Path
    database: FreshDatabase

    def does(self, text: str, status: int = 0) -> str:
        """Type all of it; stops at the first command that fails. Gives what was said.

        What takes a shell is given to one, with a program `vad`. Commands of VAD alone are run in this process: to
        start one for each, that loads all of VAD again, is more work than what they are for.
        """
        if _OF_VAD_ALONE.fullmatch(text):
            ended, said = self._here(text)
        else:
            done = subprocess.run(
                ["/bin/sh", "-e", "-c", text],
                cwd=self.folder,
                env={
                    "PATH": f"{self.folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
                    "PYTHONPATH": str(PROJECT),
                    **self._settings(),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            ended, said = done.returncode, done.stdout + done.stderr
        assert ended == status, said
        return said

    def _here(self, text: str) -> tuple[int, str]:
        """How the last of these commands ended, and what all of them said."""
        others = dict.fromkeys(name for name in os.environ if name.startswith("VAD"))
        said, ended = "", 0
        for line in text.splitlines():
            done = CliRunner().invoke(cli, line.split()[1:], env={**others, **self._settings()})
            assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
            said, ended = said + done.stdout + done.stderr, done.exit_code
            if ended:
                break
        return ended, said

    def _settings(self) -> dict[str, str]:
        return {
            "VAD_CONFIG": f"{PROJECT / 'config'}{os.pathsep}{self.folder}",
            "VAD__DATABASE__URL": self.database.app_url,
            "VAD__DATABASE__MIGRATE_URL": self.database.migrate_url,
            "VAD__REDIS__URL": "redis://127.0.0.1:1",
            "VAD__KEYS__MASTER_KEY_FILE": str(self.folder / "master.key"),
            "VAD__BRP__API_KEY": "secret",
            # As the section says: with it each command names its request.
            "VAD__KEYS__SECOND_PERSON": "false",
        }

    def lets_time_pass(self, interval: str) -> None:
        """Make every key that much older."""
        moved = ", ".join(
            f"{column} = {column} - interval '{interval}'" for column in ("created_at", "activated_at", "retired_at")
        )
        ask(self.database.migrate_url, f"UPDATE keys SET {moved}")  # noqa: S608 - our own words

    def certifies_earlier(self, interval: str) -> None:
        """Have every certificate published that much longer."""
        ask(self.database.migrate_url, "UPDATE keys SET certified_at = certified_at - %s::interval", (interval,))

    def keys(self, state: str) -> dict[tuple[str, str], str]:
        """The ids of the keys in this state by purpose and algorithm."""
        rows = ask(self.database.migrate_url, "SELECT purpose, algorithm, key_id FROM keys WHERE state = %s", (state,))
        return {(purpose, algorithm): key_id for purpose, algorithm, key_id in rows}

    def masters(self) -> MasterKey:
        """What the file with the master key holds now."""
        return MasterKey.from_file(self.folder / "master.key")
