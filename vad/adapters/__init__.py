"""The ports of `vad.services` made real: PostgreSQL, Redis, keys, DigiD, the registers. No web framework here."""
