"""`vad sandbox load`: as many people as a country has use of VAD, for who wants to see it carry them."""
