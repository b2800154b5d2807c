"""What all commands share: the settings, and errors in one plain line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from vad import settings
from vad.adapters.configuration.files import ConfigurationFileError
from vad.domain.errors import VadError


@contextmanager
def plain_errors() -> Iterator[None]:
    """What an operator can mend is one line, not a traceback."""
    try:
        yield
    except (ConfigurationFileError, VadError) as error:
        raise click.ClickException(str(error)) from error


def known_settings() -> settings.Settings:
    """What `VAD_CONFIG` and the environment say. Raises `ConfigurationFileError`."""
    return settings.load(settings.config_folders())
