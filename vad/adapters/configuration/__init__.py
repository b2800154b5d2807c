"""Reading configuration files. What the settings mean is in `vad.settings`; registrations live in PostgreSQL."""
