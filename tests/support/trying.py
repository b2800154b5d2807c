"""A program that tries everything an API says of itself, and much that it does not (Schemathesis)."""

import os
import subprocess
import sys
from pathlib import Path

_MORE = os.environ.get("VAD_API_EXAMPLES")
"""Examples of each operation, where another number is asked for: `make faults` does."""


def assert_as_documented(document: str, token: str, folder: Path, examples: int, **parameters: str) -> None:
    """Let it call all that this OpenAPI document has, with this bearer token; every answer must be as it says.

    `parameters` are what of the real world it could not know.
    """
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(["[parameters]", *(f'{name} = "{value}"' for name, value in parameters.items()), ""]))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(document, "--header", f"Authorization: Bearer {token}"),
        *("--max-examples", _MORE or str(examples), "--generation-database", "none", "--no-color"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
