"""The `vad` command itself."""

from importlib import import_module
from importlib.util import find_spec

import click

_COMMANDS = ("clients", "db", "doctor", "keys", "serve", "worker")
"""Each in the module of its name."""


class _Commands(click.Group):
    """Imports a command once it is called for: `vad serve`, above all, has no use for what the others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Name them. The sandbox's is there where that is installed: a production image has none."""
        demo = ("demo",) if find_spec("vad.sandbox") else ()
        return sorted((*_COMMANDS, *demo))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of this name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name == "demo":
            from vad.sandbox.demo.command import demo  # noqa: PLC0415 - optional by design

            return demo
        command: click.Command = getattr(import_module(f"vad.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=_Commands)
def cli() -> None:
    """VAD, the trusted authentication service. Settings: VAD_CONFIG (folders with TOML) and VAD__SECTION__NAME."""


def main() -> None:
    """Run the command."""
    cli()
