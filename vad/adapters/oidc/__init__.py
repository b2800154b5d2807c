"""VAD as a client of OpenID providers: DigiD for citizens, an identity provider of their own for staff.

What is particular to either stands in `vad.adapters.digid` and `vad.adapters.staff_idp`.
"""
