"""What the C library does with freed memory, told once: on Linux with glibc, elsewhere nothing.

It gives each thread an arena of its own, and an arena that once held a page of 1,000 people keeps
what it freed. With sixteen threads that is more than all that a sync needs.
"""

import contextlib
import ctypes

_M_ARENA_MAX, _ARENAS = -8, 2


def share_arenas() -> None:
    """Let threads share arenas. For those that are started from now on."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return what is free to the system."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
