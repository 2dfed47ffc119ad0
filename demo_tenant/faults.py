"""Faults that can be switched on: POST /demo/faults with {"kind", "path", "times", "after", …}.

Kinds: latency (ms), status (status), drop, truncate, html (status), storm (429s), concurrency,
dead_key, empty_users, empty_list, forbidden, not_enabled, not_found (code), refused (code),
foreign_next (host), looping_next, stale_cursor, repeat_log (events come twice), late_log (seconds:
each second event is kept so much later), id_token (wrong: see openid.py; its path is
/oauth2/v1/token).
path: a regular expression on the request's path, alone or with its query (default: all of /api/).
times: how many requests it hits (default: all). after: how many matching requests pass first.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "latency", "status", "drop", "truncate", "html", "storm", "concurrency", "dead_key",
    "empty_users", "empty_list", "forbidden", "not_enabled", "not_found", "refused", "foreign_next",
    "looping_next", "stale_cursor", "repeat_log", "late_log", "id_token",
}  # fmt: skip


@dataclass
class Fault:
    """One fault that is switched on."""

    kind: str
    path: re.Pattern[str]
    times: int | None = None
    after: int = 0
    options: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults in force. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, said: dict[str, Any]) -> str | None:
        """Switch a fault on. Returns what is wrong with it, if anything."""
        kind = said.get("kind")
        if kind not in KINDS:
            return f"kind must be one of {', '.join(sorted(KINDS))}"
        try:
            pattern = re.compile(said.get("path") or "^/api/")
        except re.error as wrong:
            return f"path is not a regular expression: {wrong}"
        options = {k: v for k, v in said.items() if k not in {"kind", "path", "times", "after"}}
        with self._lock:
            self._faults.append(
                Fault(kind, pattern, said.get("times"), int(said.get("after") or 0), options)
            )
        return None

    def clear(self) -> None:
        """Switch all of them off."""
        with self._lock:
            self._faults.clear()

    def hitting(self, path: str, query: str = "") -> dict[str, dict[str, Any]]:
        """The faults that hit this request, by kind, counted."""
        hit: dict[str, dict[str, Any]] = {}
        with self._lock:
            for fault in self._faults:
                if not (fault.path.search(path) or fault.path.search(f"{path}?{query}")):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                elif fault.times is None or fault.times > 0:
                    if fault.times is not None:
                        fault.times -= 1
                    hit[fault.kind] = fault.options
        return hit
