"""The tests of VAD, by the layer they look at; `support` is what several share."""
