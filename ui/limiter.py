"""So many requests a minute from one address, and so many from all of them."""

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW = 60.0
# All addresses together may do so many times what one may.
TOGETHER = 20
_EVERYBODY = "*"
_MOST_KNOWN = 10_000


class Limiter:
    """Counts in a sliding minute. Thread-safe; each process counts by itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def wait(self, address: str, *, limit: int) -> int:
        """Count a request. Returns the seconds to wait: 0 when it may pass."""
        now = self._clock()
        with self._lock:
            if len(self._seen) > _MOST_KNOWN:
                self._forget(now)
            counted = [
                (self._times(_group(address), now), limit),
                (self._times(_EVERYBODY, now), limit * TOGETHER),
            ]
            for times, most in counted:
                if len(times) >= most:
                    return max(1, round(times[0] + WINDOW - now))
            for times, _ in counted:
                times.append(now)
        return 0

    def _times(self, who: str, now: float) -> deque[float]:
        times = self._seen.setdefault(who, deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        return times

    def _forget(self, now: float) -> None:
        self._seen = {k: v for k, v in self._seen.items() if v and v[-1] > now - WINDOW}


def _group(address: str) -> str:
    """A household has a /64 of IPv6 addresses; of IPv4 one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ipaddress.ip_network(f"{ip}/64", strict=False))
    return address
