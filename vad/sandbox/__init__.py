"""The neighbourhood for demo, tests and integrators: real servers, mock registers, a demo PGO and data sources.

Not in the production image. Nothing but `vad.cli` (optionally) and the tests imports it.
"""
