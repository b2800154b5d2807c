"""What a log may say of an exception: its classes and where in our own code it passed.

Never its text, nor a value: either may hold what a person typed or what a register answered.
"""

from collections.abc import Iterator
from functools import cache
from traceback import extract_tb

_MOST_PLACES = 4
_MOST_CAUSES = 8


def places(error: BaseException) -> list[str]:
    """The last few frames of VAD itself, such as `vad/services/tokens.py:81:redeem`, the innermost last."""
    root = _root()
    ours = [
        f"{frame.filename.removeprefix(root)}:{frame.lineno}:{frame.name}"
        for frame in extract_tb(error.__traceback__)
        if frame.filename.startswith(f"{root}vad/")
    ]
    return ours[-_MOST_PLACES:]


@cache
def _root() -> str:
    return __file__.removesuffix("vad/services/faults.py")


def class_of(error: BaseException) -> str:
    """The full name of its class."""
    return f"{type(error).__module__}.{type(error).__qualname__}"


def causes(error: BaseException) -> list[str]:
    """The classes of what led to it, the nearest first, as a traceback would tell them."""
    return [class_of(cause) for cause in _chain(error)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    following = _cause(error)
    while following is not None and id(following) not in seen and len(seen) <= _MOST_CAUSES:
        yield following
        seen.add(id(following))
        following = _cause(following)


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)
