"""The way out to other organisations over HTTP: bounded in time, size, number and trust.

What is asked and what an answer means belongs to the connector that asks (`vad.adapters.brp`, `prs`, `digid`).
"""
