"""What the identity providers of the sandbox have in common: DigiD for citizens, and that of staff.

`requests` looks at authorization requests, `codes` gives codes and redeems them, `assertion` proves who the client is.
"""
