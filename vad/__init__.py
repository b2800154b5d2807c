"""VAD, the trusted authentication service for Mijn Gezondheidsoverzicht. `bootstrap` joins what the rest offers."""
