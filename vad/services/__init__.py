"""The use cases. They know the domain and the ports and nothing else: no framework, no store, no wire format.

What makes the ports real lives in `vad.adapters`; what speaks HTTP lives in `vad.web`.
"""
