"""Addresses of our style sheets and icons, each with a hash of its content so that browsers keep them a year."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog
from flask import Flask, Response, request

_YEAR = 365 * 24 * 60 * 60
_DAY = 24 * 60 * 60
_HASH_LENGTH = 12
_REQUIRED: Final = ("vad.css", "favicon.svg", "vendor/govuk-frontend.min.css")


def init_app(app: Flask) -> None:
    """Compute every hash once and offer `asset('vad.css')` to the templates.

    Third-party files are not in the repository; when they have not been fetched the pages still work, without their
    looks, and the log says so once.
    """
    folder = Path(app.static_folder or "")
    hashes = _hashes(folder)
    missing = [name for name in _REQUIRED if name not in hashes]
    if missing:
        structlog.get_logger(__name__).warning("assets_missing", files=missing)
    base = (app.static_url_path or "/static").rstrip("/")

    def asset(name: str) -> str:
        address = f"{request.script_root}{base}/{quote(name)}"
        return f"{address}?v={hashes[name]}" if name in hashes else address

    app.jinja_env.globals["asset"] = asset

    @app.after_request
    def cache_assets(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            name = (request.view_args or {}).get("filename", "")
            named_by_content = hashes.get(name) == request.args.get("v")
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = _YEAR if named_by_content else _DAY
            response.cache_control.immutable = named_by_content
        return response


def _hashes(folder: Path) -> Mapping[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_LENGTH]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
