"""What can go wrong with keys. No message holds key material or what was sealed.

VadError
└── VaultError
    ├── MasterKeyError     the master key is missing or malformed
    ├── KeyRingError       the stored keys do not fit together
    ├── UnknownKeyError    no such key, or none that is active
    ├── RotationRefusedError  a key may not move now, and why
    └── SealBrokenError    a sealed value that was altered, moved, or belongs to another key
"""

from vad.domain.errors import VadError


class VaultError(VadError):
    """The root of what the vault raises."""


class MasterKeyError(VaultError):
    """There is no usable master key. The message names the file, never its contents."""


class KeyRingError(VaultError):
    """The stored keys do not fit together: one twice, two active for one use, or not what they claim to be."""


class UnknownKeyError(VaultError):
    """There is no such key, or none that is active for this use."""


class RotationRefusedError(VaultError):
    """A key may not move now. The text is for the operator; nothing was changed."""


class SealBrokenError(VaultError):
    """A sealed value can't be opened: it was altered, stands in another place, or belongs to another key."""
