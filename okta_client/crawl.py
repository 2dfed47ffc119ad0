"""Many requests at once, inside each bucket's budget: the engine of a full sync.

A pool of workers takes requests from queues, one for each rate-limit bucket, and only from buckets
that may go: nobody sleeps while another bucket has budget. Next pages are asked for as soon as a
page arrives, ahead of details, because a list's pages can only be read one after the other.
"""

import heapq
import itertools
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from okta_client.client import MAX_PAGES, Request
from okta_client.errors import (
    Cancelled,
    OktaError,
    RateLimited,
    StaleCursor,
    TookTooLong,
    TooManyAtOnce,
    UnexpectedAnswer,
)
from okta_client.minimal import Minimal
from okta_client.paging import Job
from okta_client.rate_limit import bucket_of
from okta_client.transport import ATTEMPTS, PATIENCE, Answer, Transport, backoff

# A rate limit is waited out more patiently than a failure: it says when it ends.
RATE_LIMIT_ATTEMPTS = 12
# Pages that wait for the consumer, and their bytes; beyond that the workers pause. A page of 1,000
# people takes ten times its size once it is parsed.
MOST_RESULTS, MOST_BYTES = 256, 4 * 1024 * 1024
# Pages of a thousand people are large, and a few at once are as fast as many.
LARGE, MOST_LARGE = {"memberships", "app_users"}, 4
# After a concurrency 429 the pool is halved, and grows by one after as many good answers.
GROW_AFTER = 50
# Pages kept from an interrupted run: no request, so no bucket.
KEPT = "kept"


@dataclass(frozen=True)
class Page:
    """One page of a request's records. number counts from 1; last: no next page.

    restarted: Okta refused the list's cursor, and the list is being read from its first page
    again, so that records of earlier pages come once more.
    """

    request: Request
    answer: Answer
    records: list[Any]
    number: int
    last: bool
    restarted: bool = False


@dataclass(frozen=True)
class Failure:
    """A request that could not be read to its end."""

    request: Request
    error: OktaError


@dataclass
class CrawlStats:
    """Figures for progress and certificate. Every HTTP try is a request."""

    requests: int = 0
    retries: int = 0
    rate_limit_wait_seconds: float = 0.0
    too_many: int = 0
    in_flight: int = 0
    workers: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)


class Crawl:
    """Reads requests concurrently. Use as a context manager; one consumer iterates pages().

    recall(url) may give an Answer that an earlier, interrupted run has kept: quickly, for it is
    asked about every page. minimal: what may be kept of an answer; everything without it.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        workers: int = 16,
        recall: Callable[[str], Answer | None] | None = None,
        minimal: Minimal | None = None,
        max_pages: int = MAX_PAGES,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.transport = transport
        self.stats = CrawlStats(workers=workers)
        self._recall = recall
        self._minimal = minimal
        self._max_pages = max_pages
        self._clock = clock
        self._size = self._allowed = workers
        self._good = 0
        self._shrunk_at = 0.0
        lock = threading.RLock()
        self._work = threading.Condition(lock)
        self._results = threading.Condition(lock)
        self._queues: dict[str, list[tuple[int, int, Job]]] = defaultdict(list)
        self._later: list[tuple[float, int, Job]] = []
        self._found: deque[Page | Failure] = deque()
        self._found_bytes = 0
        self._large = 0
        self._order = itertools.count()
        self._pending = 0
        self._stopped = False
        self._waiting_since: float | None = None
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Crawl":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def submit(self, request: Request) -> None:
        """Ask for a request; its pages and its end come out of pages()."""
        job = self._kept(Job(request, request.url(self.transport.origin)))
        with self._work:
            self._pending += 1
            self.stats.asked[request.resource] += 1
            self._enqueue(job)
            if len(self._threads) < self._size and not self._stopped:
                thread = threading.Thread(target=self._labour, name="okta-crawl", daemon=True)
                self._threads.append(thread)
                thread.start()

    def pages(self) -> Iterator[Page | Failure]:
        """What arrives, in order of arrival, until everything submitted has been answered."""
        while True:
            with self._results:
                while not self._found and self._pending and not self._stopped:
                    self._results.wait(0.5)
                if self._stopped:
                    raise Cancelled("The reading was stopped.")
                if not self._found:
                    return
                found = self._found.popleft()
                if isinstance(found, Page):
                    self._found_bytes -= len(found.answer.body)
                self._work.notify()
            yield found

    def tick(self) -> bool:
        """True when the consumer would have to wait for the next result: time for other work."""
        with self._results:
            return not self._found

    def stop(self) -> None:
        """End everything; requests in flight are forgotten. Safe to call from any thread."""
        with self._work:
            self._stopped = True
            self._work.notify_all()
            self._results.notify_all()

    # Workers

    def _kept(self, job: Job) -> Job:
        if self._recall is not None and not job.restarted:
            job.kept = self._recall(job.url)
        return job

    def _enqueue(self, job: Job) -> None:
        """Called with the lock held."""
        first = 0 if job.number > 1 or not job.request.subject else 1
        bucket = KEPT if job.kept is not None else bucket_of(urlsplit(job.url).path)
        heapq.heappush(self._queues[bucket], (first, next(self._order), job))
        self._work.notify()

    def _labour(self) -> None:
        while (taken := self._next()) is not None:
            job, bucket = taken
            try:
                result: tuple[Page, Job | None] | OktaError = self._ask(job)
            except OktaError as error:
                result = error
            except Exception as error:
                # Whatever it is, one request must not hang the others.
                result = UnexpectedAnswer(
                    f"An answer could not be handled ({type(error).__name__}).",
                    endpoint=job.request.path,
                )
            with self._work:
                self.stats.in_flight -= 1
                self._large -= job.request.resource in LARGE
                if bucket != KEPT:
                    self.transport.pacer.release(bucket)
                if isinstance(result, OktaError):
                    self._failed(job, result)
                else:
                    self._good_answer(*result)
                self._work.notify()
                self._results.notify()

    def _next(self) -> tuple[Job, str] | None:
        """The job to do next; None when there is nothing to be done any more."""
        with self._work:
            while not self._stopped:
                taken, wait = self._take()
                if taken is not None:
                    # Another worker may find more to do: waking one at a time spares a stampede.
                    self._work.notify()
                    return taken
                self._work.wait(wait)
            return None

    def _take(self) -> tuple[tuple[Job, str] | None, float]:
        """A job that may go now, or the seconds to wait. Called with the lock held."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            self._enqueue(heapq.heappop(self._later)[2])
        shortest = self._later[0][0] - now if self._later else 30.0
        full = len(self._found) >= MOST_RESULTS or self._found_bytes >= MOST_BYTES
        if full or self.stats.in_flight >= self._allowed:
            self._note_waiting(False, now)
            return None, shortest
        paced = any(job.limited for _, _, job in self._later)
        for bucket, queue in self._queues.items():
            if not queue:
                continue
            large = queue[0][2].request.resource in LARGE
            if large and self._large >= MOST_LARGE:
                continue
            wait = self.transport.pacer.try_acquire(bucket) if bucket != KEPT else 0.0
            if wait:
                shortest, paced = min(shortest, wait), True
                continue
            self._note_waiting(False, now)
            self.stats.in_flight += 1
            self._large += large
            return (heapq.heappop(queue)[2], bucket), 0.0
        waiting = paced and not self.stats.in_flight
        self._note_waiting(waiting, now)
        return None, min(shortest, 1.0) if waiting else shortest

    def _note_waiting(self, waiting: bool, now: float) -> None:
        """Count the time in which work is left and only rate limits keep it from being done."""
        if self._waiting_since is not None:
            self.stats.rate_limit_wait_seconds += now - self._waiting_since
        self._waiting_since = now if waiting else None

    def _ask(self, job: Job) -> tuple[Page, Job | None]:
        answer = job.kept
        if answer is None:
            job.attempt += 1
            job.last_tried = self._clock()
            if job.first_tried is None:
                job.first_tried = job.last_tried
            with self._work:
                self.stats.requests += 1
                self.stats.retries += job.attempt > 1
            answer = self.transport.get_once(job.url)
            if self._minimal is not None:
                answer = self._minimal.of(job.request.resource, answer)
        records, after = job.read(answer, self.transport.origin, self._max_pages)
        page = Page(job.request, answer, records, job.number, after is None, job.restarted)
        return page, self._kept(after) if after is not None else None

    # What becomes of an answer. Called with the lock held.

    def _good_answer(self, page: Page, after: Job | None) -> None:
        self._good += 1
        if self._allowed < self._size and self._good >= GROW_AFTER:
            self._allowed, self._good = self._allowed + 1, 0
            self.stats.workers = self._allowed
        self._found.append(page)
        self._found_bytes += len(page.answer.body)
        if after is None:
            self._end(page.request)
        else:
            self._enqueue(after)

    def _failed(self, job: Job, error: OktaError) -> None:
        now = self._clock()
        if isinstance(error, StaleCursor) and job.number > 1 and not job.restarted:
            # The list is read anew from its first page; rows already seen are the same rows.
            self._enqueue(job.again(self.transport.origin))
            return
        job.limited = isinstance(error, RateLimited)
        self.stats.too_many += job.limited
        if isinstance(error, TooManyAtOnce) and job.last_tried >= self._shrunk_at:
            # Once for all that were in flight together.
            self._allowed, self._good = max(1, self._allowed // 2), 0
            self.stats.workers, self._shrunk_at = self._allowed, now
        most = RATE_LIMIT_ATTEMPTS if job.limited else ATTEMPTS
        late = job.first_tried is not None and now - job.first_tried > PATIENCE
        if not error.retryable or job.attempt >= most or late:
            self._found.append(Failure(job.request, error))
            self._end(job.request)
            return
        if isinstance(error, TookTooLong) and job.attempt >= 2:
            job.ask_for_less()
        pause = backoff(job.attempt) + (error.wait or 0.0)
        heapq.heappush(self._later, (now + pause, next(self._order), job))

    def _end(self, request: Request) -> None:
        self._pending -= 1
        self.stats.done[request.resource] += 1
