"""The BRP: the register of persons, over the API "BRP personen bevragen". How to call it is `vad.adapters.http`'s."""
