"""PostgreSQL: everything that must never be lost, in one transaction per use case.

`database` owns the connections, `transaction` one transaction, `rows` the schema, `migrate` its changes; one file per
store, joined by `unit_of_work`. What may be lost lives in `vad.adapters.redis`; `vad.adapters.vault` opens keys.
"""
