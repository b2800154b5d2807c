"""What can go wrong in the neighbourhood. Every message is one line for the person who typed the command."""


class SandboxError(Exception):
    """Something the sandbox needs is missing, taken or broken; the message says what to do about it."""


class PortTakenError(SandboxError):
    """Somebody else listens on a port that one of our programs needs."""


class MissingProgramError(SandboxError):
    """A server program is neither on the PATH nor among the installed wheels."""


class ServerDiedError(SandboxError):
    """A program that we started ended by itself, or never became ready; the message ends with its last words."""
