"""How a test says which modules of the suite it plays, so that one can be played by its name."""

from collections.abc import Sequence

import pytest

from tests.support.certificate_holder import VARIANTS

FORM_POST, SIGNED = "form_post", "signed"
"""How a second plan plays the modules of a first: Form Post OP, Message Signing."""
FAPI2 = "fapi2-security-profile-final-"
"""What the names of all modules for FAPI 2.0 begin with."""


def plays(*names: str, also: str = "") -> pytest.MarkDecorator:
    """Name the modules of a test, which is run once for each: its id is the module's name.

    `also` is the way in which a second plan plays them too: it stands behind the name then.
    """
    ways = ("", also) if also else ("",)
    played = [pytest.param(name, way, id=f"{name}-{way}" if way else name) for name in names for way in ways]
    return pytest.mark.parametrize(("module", "way"), played, indirect=True)


def plays_by_certificate(*names: str, variants: Sequence[str] = tuple(VARIANTS)) -> pytest.MarkDecorator:
    """Name the modules for FAPI 2.0 of a test that is run once for each of them in each of these variants."""
    played = [pytest.param(FAPI2 + name, way, id=f"{FAPI2}{name}-{way}") for name in names for way in variants]
    return pytest.mark.parametrize(("module", "way"), played, indirect=True)
