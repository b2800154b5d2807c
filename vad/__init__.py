"""VAD, the trusted authentication service for Mijn Gezondheidsoverzicht. `bootstrap` joins what the layers below offer."""
