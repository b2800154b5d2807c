"""The PRS: the pseudonym service of the generic functions. How to call it is `vad.adapters.http`'s."""
