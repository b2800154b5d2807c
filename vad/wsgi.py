"""The entry for gunicorn: `gunicorn vad.wsgi:application`, configured by `VAD_CONFIG` and `VAD__…`."""

from vad import settings
from vad.adapters import logs
from vad.bootstrap import create_app

_settings = settings.load(settings.config_folders())
logs.configure(_settings.log.level)
application = create_app(_settings)
