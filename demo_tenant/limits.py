"""Rate limits: 60-second windows a bucket, at half of the Workforce figures, as for a new token."""

import re
import threading
import time
from dataclasses import dataclass

WINDOW = 60
CONCURRENT = 37
# Okta's Workforce limits a minute; a token gets half (okta docs: rate limits).
BUCKETS = (
    (re.compile(r"^/api/v1/users$"), "users", 600),
    (re.compile(r"^/api/v1/users/[^/]+$"), "users/{id}", 2000),
    (re.compile(r"^/api/v1/groups/(?!rules)[^/]+$"), "groups/{id}", 1000),
    (re.compile(r"^/api/v1/groups(/.*)?$"), "groups", 500),
    (re.compile(r"^/api/v1/apps/[^/]+$"), "apps/{id}", 500),
    (re.compile(r"^/api/v1/apps(/.*)?$"), "apps", 100),
    (re.compile(r"^/api/v1/logs$"), "logs", 120),
    (re.compile(r"^/api/v1/.*$"), "/api/v1", 1200),
)


@dataclass(frozen=True)
class Verdict:
    """Whether a request may pass, and what its headers say."""

    allowed: bool
    limit: int
    remaining: int
    reset: int


class Limits:
    """Counts requests. Windows begin with their first request, not with the minute."""

    def __init__(self, scale: float):
        self._scale = scale
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}

    def count(self, path: str) -> Verdict | None:
        """Count a request; None where Okta does not limit."""
        found = next(((name, n) for pattern, name, n in BUCKETS if pattern.match(path)), None)
        if found is None:
            return None
        name, limit = found
        most = max(1, int(limit / 2 * self._scale))
        with self._lock:
            now = int(time.time())
            reset, used = self._windows.get(name, (0, 0))
            if now >= reset:
                reset, used = now + WINDOW, 0
            used += 1
            self._windows[name] = (reset, used)
        return Verdict(used <= most, most, max(0, most - used), reset)
