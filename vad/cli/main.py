"""The `vad` command itself."""

from importlib.util import find_spec

import click

from vad.bootstrap.loading import load

_COMMANDS = ("audit", "clients", "db", "doctor", "keys", "serve", "staff", "worker")
"""Each in the module of its name."""
_SANDBOX = {"demo": "vad.sandbox.demo.command", "sandbox": "vad.sandbox.load.command"}
"""Each by its name in its module."""


class _Commands(click.Group):
    """Imports a command once it is called for: `vad serve`, above all, has no use for what the others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Name them. The sandbox's is there where that is installed: a production image has none."""
        sandbox = _SANDBOX if find_spec("vad.sandbox") else ()
        return sorted((*_COMMANDS, *sandbox))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of this name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = _SANDBOX.get(cmd_name, f"vad.cli.{cmd_name}")
        command: click.Command = getattr(load(module), cmd_name)
        return command


@click.group(cls=_Commands)
def cli() -> None:
    """VAD, the trusted authentication service. Settings: VAD_CONFIG (folders with TOML) and VAD__SECTION__NAME."""


def main() -> None:
    """Run the command."""
    cli()
