"""The demo's state folder and ports: one demo at a time, nothing readable by others, nothing foreign deleted."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from vad.sandbox.demo import keys
from vad.sandbox.demo.layout import NAMES, WEB, Layout
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.errors import SandboxError


def test_every_program_has_a_port_of_its_own_counted_from_the_base() -> None:
    """The whole neighbourhood moves with one number."""
    layout = Layout(9000)
    assert [layout.port(key) for key in NAMES] == list(range(9000, 9015))
    assert layout.address("pgo") == "http://localhost:9004"
    assert set(layout.addresses()) == set(WEB)


@pytest.mark.parametrize("base", [0, -1, 65530, 70000])
def test_a_base_without_room_for_all_ports_is_refused(base: int) -> None:
    """Ports end at 65535."""
    with pytest.raises(SandboxError, match="the base port must be from 1 to 65521"):
        Layout(base)


def test_a_state_folder_holds_one_demo_at_a_time(tmp_path: Path) -> None:
    """A second demo in the same folder is refused, with the process that holds it."""
    state = State(tmp_path / "state")
    code = (
        "import sys; from pathlib import Path; from vad.sandbox.demo.state import State\n"
        f"with State(Path({str(state.folder)!r})).locked(): print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", code]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for attempt in (state.locked().__enter__, state.forget):
            with pytest.raises(SandboxError, match=rf"a demo is running in .* \(process {other.pid}\)"):
                attempt()
        other.kill()
    with state.locked():  # a killed demo holds nothing
        assert (state.folder / "demo.pid").read_text() == f"{os.getpid()}\n"


def test_only_we_can_read_what_is_kept(tmp_path: Path) -> None:
    """Private keys and logs are nobody else's; PostgreSQL's account may at most pass through."""
    state = State(tmp_path / "state")
    with state.locked():
        keys.keep(state.keys)
        for folder in (state.configuration, state.keys, state.programs, state.logs):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(state.folder.stat().st_mode) & 0o066 == 0
        assert {stat.S_IMODE(file.stat().st_mode) for file in state.keys.iterdir()} == {0o600}


def test_keys_are_made_once(tmp_path: Path) -> None:
    """A second start has the keys of the first, and every one has an id."""
    first, second = keys.keep(tmp_path), keys.keep(tmp_path)
    assert first == second
    assert first.master_key_file.read_text().startswith("vad-demo:")
    for private in (first.digid, *first.pgos.values(), *first.sources.values(), *first.inquiry.values()):
        assert private["kid"]
        assert ECKey.import_key(dict(private)).is_private
        assert "d" not in keys.public(private)


def test_a_broken_key_is_one_clear_line(tmp_path: Path) -> None:
    """It is not silently replaced: what was sealed to it would be lost without a word."""
    keys.keep(tmp_path)
    (tmp_path / "gp.json").write_text("{")
    with pytest.raises(SandboxError, match=r"gp\.json cannot be read"):
        keys.keep(tmp_path)


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    """The folder is gone; forgetting again is no error."""
    state = State(tmp_path / "state")
    with state.locked():
        keys.keep(state.keys)
    state.forget()
    state.forget()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_a_demo_s_is_never_deleted(tmp_path: Path) -> None:
    """A mistyped folder must not cost anybody their files."""
    (tmp_path / "thesis.txt").write_text("four years of work")
    with pytest.raises(SandboxError, match="nothing was deleted"):
        State(tmp_path).forget()
    assert (tmp_path / "thesis.txt").exists()


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """Somebody who reads the description meanwhile sees the former or the new one."""
    file = tmp_path / "demo.json"
    write_private(file, json.dumps({"base_port": 1}))
    with file.open() as reader:
        write_private(file, json.dumps({"base_port": 2}))
        assert json.load(reader) == {"base_port": 1}
    assert json.loads(file.read_text()) == {"base_port": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["demo.json"]
