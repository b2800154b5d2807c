"""The entry for gunicorn: `gunicorn vad.wsgi:application`, configured by `VAD_CONFIG` and `VAD__…`."""

from vad import settings
from vad.bootstrap import create_app

application = create_app(settings.load(settings.config_folders()))
