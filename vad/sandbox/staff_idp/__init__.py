"""The identity provider of VAD's staff: a mock with persons for each role, who show one factor or two.

It shares with the mock DigiD what both do as OpenID providers (`vad.sandbox.openid`).
"""
