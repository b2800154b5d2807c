"""VAD's own JSON API for apps, `/v1`.

An application of its own inside VAD's, so that whatever answers there, an unknown address included, answers as the API
does. Pages live in `vad.web.citizen`, the endpoints of OpenID Connect in `vad.web.oidc`.
"""
