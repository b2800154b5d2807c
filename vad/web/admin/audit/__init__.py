"""The JSON API of the log for auditors' programs, `/v1/audit`, at the address of the pages for staff.

The same use cases, the same rights and the same events as the pages; who comes is told by an access token of the
identity provider of staff.
"""
