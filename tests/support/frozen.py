"""A program that hangs: its processes are stopped, while the kernel goes on taking what is sent to them."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.process_tree import tree_of


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Hold them inside the block. The parent first, so that it starts no other meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    held = tree_of(pid)
    try:
        for each in held:
            os.kill(each, signal.SIGSTOP)
        yield
    finally:
        for each in reversed(held):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)
