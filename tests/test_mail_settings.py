"""The settings of mail: no address goes out in clear, and what goes together is there together."""

import pytest

from tests.test_settings import Load, load
from vad.adapters.configuration.files import ConfigurationFileError

__all__ = ["load"]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("port = 25", "mail.port: has no meaning without mail.host"),
        ('host = "mail.example"', "mail.sender: is needed with mail.host"),
        ('host = "mail.example"\nsender = "a b@vad.example"', "mail.sender: String should match pattern"),
        ('host = "mail.example"\nsender = "a@b"\nusername = "x"', "mail.username: goes with mail.password"),
        ('host = "mail.example"\nsender = "a@b"\nsecurity = "none"', "mail.security: must be starttls or tls"),
        ('host = "localhost"\nsender = "a@b"\nsecurity = "none"', ""),
        ('host = "mail.example"\nsender = "a@b"\nusername = "x"\npassword = "hidden-5"', ""),
    ],
)
def test_mail_is_protected_and_whole(load: Load, section: str, told: str) -> None:
    """In production mail goes out in clear to this machine alone."""
    change = ("[prs]", f"[mail]\n{section}\n[prs]")
    if not told:
        assert load(change).mail.host is not None
        return
    with pytest.raises(ConfigurationFileError) as caught:
        load(change)
    assert told in str(caught.value)
