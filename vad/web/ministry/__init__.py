"""What clients of profile `ministry` find beside the standards' endpoints; there only where that profile is allowed.

Their wire is that of the ministry's own proof of concept (ADR 0033). Nothing here serves a client of another profile.
"""
