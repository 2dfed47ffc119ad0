"""Pacing by Okta's own headers, so that a full sync meets no 429.

Why: Okta counts requests in 60-second windows, a budget for each family of endpoints, and a token
that runs into the wall takes the organization's other integrations with it. Windows are not
aligned to the clock, budgets differ from one organization to the next, and nothing tells them but
the headers of an answer: X-Rate-Limit-Limit, -Remaining and -Reset (epoch seconds).

How: a bucket whose budget is unknown, or whose window has just ended, gets one request, whose
answer tells the rest. After that requests go at once, without even spacing, as long as more remain
than are unaccounted for (sent, and not yet counted in an answer) and a small reserve for others.
A window is known by its reset, in Okta's time; how far away that is, by the answer's own Date, so
a wrong clock here does no harm. Nothing sleeps in this file; whoever asks is told how long to wait.
"""

import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

# Left for the organization's other users of the same budget: one in twenty, at least one.
RESERVE = 0.05
# Okta's windows are 60 s; a reset further away is a clock that cannot be believed.
WINDOW = 60.0
LONGEST_WINDOW = 90.0
# Resets are whole seconds: one more makes sure that the window is over.
MARGIN = 1.0
# What a bucket remembers while nothing flies is only believed this long: others use it too.
STALE = 2.0
# Before asking again: while a first answer is under way, and while answers may tell of more.
PROBING, FLYING = 0.02, 0.05
# A 429 without a time to wait for, and the first pause after a concurrency 429.
UNKNOWN_WAIT = 5.0
CONCURRENCY_WAIT = 1.0
# No headers mean no budget (some proxies strip them).
UNLIMITED = 1_000_000

_BUCKETS = (
    # Okta: exact path first, then the longest prefix (docs: rate limits, "management endpoints").
    (re.compile(r"^/api/v1/users$"), "users"),
    (re.compile(r"^/api/v1/users/[^/]+$"), "users/{id}"),
    (re.compile(r"^/api/v1/users/[^/]+/(\w+).*$"), "users/{id}/*"),
    (re.compile(r"^/api/v1/groups/(?!rules$)[^/]+$"), "groups/{id}"),
    (re.compile(r"^/api/v1/groups(/.*)?$"), "groups"),
    (re.compile(r"^/api/v1/apps/[^/]+$"), "apps/{id}"),
    (re.compile(r"^/api/v1/apps(/.*)?$"), "apps"),
    (re.compile(r"^/api/v1/logs.*$"), "logs"),
    (re.compile(r"^/api/v1/([\w\-]+).*$"), "{family}"),
)


def bucket_of(path: str) -> str:
    """The rate-limit bucket that a path counts against.

    Organizations split what falls under "/api/v1/*" differently, so factors, roles and each other
    kind are paced apart until their answers show the same limit and reset (Pacer._shared_window).
    """
    for pattern, name in _BUCKETS:
        match = pattern.match(path)
        if match:
            if name == "{family}":
                return f"other/{match.group(1)}"
            return name.replace("*", match.group(1)) if "*" in name else name
    return "unlimited"


def _shared(bucket: str) -> str:
    """Buckets that may be one budget on Okta's side: all that its "/api/v1/*" limit covers."""
    return "other" if bucket.startswith(("other/", "users/{id}/")) else bucket


@dataclass
class _Window:
    """One budget as far as it is known."""

    limit: int
    reset: int  # in Okta's time, the window's name
    ends_at: float  # on our clock
    remaining: int
    # Sent, and perhaps not yet counted in remaining.
    unaccounted: int = 0


@dataclass
class _Bucket:
    window: _Window | None = None
    blocked_until: float = -math.inf
    in_flight: int = 0
    probing: bool = False
    observed_at: float = 0.0


class Pacer:
    """Who may go now, by bucket. Thread-safe. clock: monotonic seconds, given for tests."""

    def __init__(self, clock: Callable[[], float], *, reserve: float = RESERVE):
        self._clock = clock
        self._reserve = reserve
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def try_acquire(self, bucket: str) -> float:
        """0.0: go now, and release() later. Otherwise the seconds after which to ask again."""
        with self._lock:
            state = self._buckets.setdefault(bucket, _Bucket())
            now = self._clock()
            if now < state.blocked_until:
                return state.blocked_until - now
            window = state.window
            if window is not None and now >= window.ends_at:
                # A new window: how much of it is ours, the next answer tells.
                window = state.window = None
            if window is None:
                return self._probe(state, bucket)
            kept_back = self._kept_back(window)
            if window.remaining - window.unaccounted > kept_back:
                stale = now - state.observed_at > STALE
                if stale and (state.probing or not state.in_flight):
                    return self._probe(state, bucket)
                window.unaccounted += 1
                state.in_flight += 1
                return 0.0
            left = max(0.001, window.ends_at - now)
            if any(sibling.in_flight for sibling in self._sharing(bucket, window)):
                # Answers under way may tell of more than we expect.
                return min(FLYING, left)
            if window.remaining > kept_back:
                # What is unaccounted for was never answered: one request tells what became of it.
                rest = state.observed_at + STALE - now
                return self._probe(state, bucket) if rest <= 0 else min(rest, left)
            return left

    def observe(self, bucket: str, status: int, headers: Mapping[str, str]) -> float | None:
        """Take in what an answer tells. For a 429, the seconds to wait; otherwise None."""
        limit = _number(headers.get("X-Rate-Limit-Limit"))
        remaining = _number(headers.get("X-Rate-Limit-Remaining"))
        reset = _number(headers.get("X-Rate-Limit-Reset"))
        left = _seconds_left(reset, headers.get("Date"))
        with self._lock:
            state = self._buckets.setdefault(bucket, _Bucket())
            now = self._clock()
            if status == 429:
                if not limit:
                    # Too many at once (Limit 0, Remaining 0): no word about the budget.
                    return CONCURRENCY_WAIT
                wait = UNKNOWN_WAIT if left is None else left + MARGIN
                state.blocked_until = max(state.blocked_until, now + wait)
                if state.window is not None:
                    # Whoever shares the budget has to wait as well.
                    state.window.remaining = 0
                    state.window.ends_at = max(state.window.ends_at, now + wait)
                return wait
            if limit is None or remaining is None or reset is None or left is None:
                if status == 200:
                    state.observed_at = now
                    state.window = state.window or _Window(UNLIMITED, 0, now + WINDOW, UNLIMITED)
                return None
            self._learn(bucket, limit, remaining, reset, now + left + MARGIN)
            state.observed_at = now
        return None

    def release(self, bucket: str) -> None:
        """The request that try_acquire let go has been answered, or has failed."""
        with self._lock:
            state = self._buckets[bucket]
            state.in_flight -= 1
            if state.window is not None or not state.in_flight:
                state.probing = False

    def _probe(self, state: _Bucket, bucket: str) -> float:
        if state.probing:
            return PROBING
        state.probing = True
        state.in_flight += 1
        # Whichever budget it counts against: none may be overrun.
        for window in {id(s.window): s.window for s in self._family(bucket)}.values():
            if window is not None:
                window.unaccounted += 1
        return 0.0

    def _learn(self, bucket: str, limit: int, remaining: int, reset: int, ends_at: float) -> None:
        state = self._buckets[bucket]
        known = state.window
        if known is not None and reset < known.reset - 1:
            return  # overtaken by an answer from the next window
        if known is None or reset > known.reset + 1:
            past, known = known, self._shared_window(bucket, limit, reset)
            new = known or _Window(limit, reset, ends_at, remaining)
            state.window = new
            for sibling in self._family(bucket):
                if past is not None and sibling.window is past:
                    sibling.window = new
        if known is None:
            known = new
        elif remaining > known.remaining:
            # Answers overtake each other: within one window the lowest number is the truth.
            return
        known.limit = limit
        known.remaining = remaining
        # Date is rounded down, so that each answer says "at the latest then": the first counts.
        known.ends_at = min(known.ends_at, ends_at)
        # This answer's own request is counted in it; all others in flight may not be.
        known.unaccounted = max(0, sum(s.in_flight for s in self._sharing(bucket, known)) - 1)

    def _shared_window(self, bucket: str, limit: int, reset: int) -> _Window | None:
        """The budget of a sibling that looks the same: then it is taken for the same."""
        for sibling in self._family(bucket):
            window = sibling.window
            if window and window.limit == limit and abs(window.reset - reset) <= 1:
                return window
        return None

    def _sharing(self, bucket: str, window: _Window) -> Iterator[_Bucket]:
        """Buckets whose requests count, or may count, against a window."""
        return (
            s
            for s in self._family(bucket)
            if s.window is None or s.window is window or s.window.limit == window.limit
        )

    def _family(self, bucket: str) -> list[_Bucket]:
        family = _shared(bucket)
        if family == bucket:
            return [self._buckets[bucket]]
        return [state for name, state in self._buckets.items() if _shared(name) == family]

    def _kept_back(self, window: _Window) -> int:
        return max(1, math.ceil(window.limit * self._reserve))


def _number(text: str | None) -> int | None:
    # Several header lines are joined by commas: the strictest counts.
    try:
        return min(int(part) for part in text.split(",")) if text else None
    except ValueError:
        return None


def _seconds_left(reset: int | None, date: str | None) -> float | None:
    """Until the reset, by the server's own clock; a whole window where it tells no time."""
    if reset is None:
        return None
    try:
        left = reset - parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return WINDOW
    return min(max(0.0, left), LONGEST_WINDOW)
