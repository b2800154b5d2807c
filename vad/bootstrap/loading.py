"""Modules that are loaded when it is known which: what `vad` is asked for is a small part of what it can do."""

import gc
import sys
from importlib import import_module
from types import ModuleType


def load(name: str) -> ModuleType:
    """Import a module and all that it needs, without looking for garbage meanwhile.

    Nothing of it is any, and the search, which Python begins again and again as there is more, is a fifth of the time
    that a command takes to start. Nor is it searched afterwards: what is loaded stays.
    """
    if name in sys.modules:
        return sys.modules[name]
    searching = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        if searching:
            gc.freeze()
            gc.enable()
