"""The pacer never overruns a budget, never stands still, and believes only the server's clock."""

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okta_client.rate_limit import (
    CONCURRENCY_WAIT,
    LONGEST_WINDOW,
    STALE,
    UNKNOWN_WAIT,
    Pacer,
    bucket_of,
)

FACTORS = "users/{id}/factors"
ROLES = "users/{id}/roles"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def headers(limit, remaining, reset, date) -> dict[str, str]:
    return {
        "X-Rate-Limit-Limit": str(limit),
        "X-Rate-Limit-Remaining": str(remaining),
        "X-Rate-Limit-Reset": str(reset),
        "Date": formatdate(date, usegmt=True),
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pacer(clock) -> Pacer:
    return Pacer(clock)


def learn(pacer, bucket="users", *, limit=100, remaining=99, left=30, status=200):
    """One request and its answer."""
    assert pacer.try_acquire(bucket) == 0.0
    wait = pacer.observe(bucket, status, headers(limit, remaining, 5_000_000 + left, 5_000_000))
    pacer.release(bucket)
    return wait


def burst(pacer, bucket="users") -> int:
    """How many may go at once."""
    count = 0
    while pacer.try_acquire(bucket) == 0.0:
        count += 1
    return count


# What counts against what


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/v1/users", "users"),
        ("/api/v1/users/00u1", "users/{id}"),
        ("/api/v1/users/me", "users/{id}"),
        ("/api/v1/users/00u1/factors", FACTORS),
        ("/api/v1/users/00u1/roles", ROLES),
        ("/api/v1/groups", "groups"),
        ("/api/v1/groups/rules", "groups"),
        ("/api/v1/groups/00g1", "groups/{id}"),
        ("/api/v1/groups/00g1/users", "groups"),
        ("/api/v1/groups/00g1/roles", "groups"),
        ("/api/v1/apps", "apps"),
        ("/api/v1/apps/0oa1", "apps/{id}"),
        ("/api/v1/apps/0oa1/users", "apps"),
        ("/api/v1/logs", "logs"),
        ("/api/v1/iam/assignees/users", "other/iam"),
        ("/api/v1/policies/00p1/rules", "other/policies"),
        ("/.well-known/okta-organization", "unlimited"),
    ],
)
def test_a_path_counts_against_okta_s_documented_bucket(path, bucket):
    assert bucket_of(path) == bucket


# One after the other


def test_an_unknown_budget_is_probed_by_one_request(pacer):
    assert pacer.try_acquire("users") == 0.0
    assert pacer.try_acquire("users") > 0.0


def test_after_the_probe_what_remains_bursts_down_to_the_reserve(pacer):
    learn(pacer, limit=100, remaining=99)
    assert burst(pacer) == 99 - 5


def test_the_reserve_is_at_least_one(pacer):
    learn(pacer, limit=10, remaining=9)
    assert burst(pacer) == 8


def test_a_drained_bucket_waits_for_its_reset_and_not_for_another_s(pacer, clock):
    learn(pacer, "users", limit=100, remaining=3, left=40)
    assert pacer.try_acquire("users") == pytest.approx(41.0)
    assert pacer.try_acquire("groups") == 0.0


def test_a_new_window_is_probed_before_it_is_used(pacer, clock):
    learn(pacer, limit=100, remaining=3, left=40)
    clock.now += 41.1
    assert pacer.try_acquire("users") == 0.0
    assert pacer.try_acquire("users") > 0.0
    pacer.observe("users", 200, headers(100, 99, 5_000_101, 5_000_041))
    pacer.release("users")
    assert burst(pacer) == 94


@pytest.mark.parametrize("skew", [-86_400.0, -90.0, 0.0, 3_600.0, 10**8])
def test_a_wrong_clock_here_changes_nothing(skew):
    clock = Clock(1000.0 + skew)
    pacer = Pacer(clock)
    learn(pacer, limit=100, remaining=3, left=40)
    assert pacer.try_acquire("users") == pytest.approx(41.0)


def test_an_answer_that_was_overtaken_does_not_give_budget_back(pacer):
    learn(pacer, limit=100, remaining=50)
    assert pacer.try_acquire("users") == 0.0
    assert pacer.try_acquire("users") == 0.0
    pacer.observe("users", 200, headers(100, 20, 5_000_030, 5_000_000))
    pacer.release("users")
    pacer.observe("users", 200, headers(100, 45, 5_000_030, 5_000_000))
    pacer.release("users")
    assert burst(pacer) <= 15


def test_an_answer_from_the_window_before_does_not_spoil_the_new_one(pacer):
    learn(pacer, limit=100, remaining=99, left=60)
    assert pacer.try_acquire("users") == 0.0
    pacer.observe("users", 200, headers(100, 0, 5_000_000, 4_999_999))
    pacer.release("users")
    assert burst(pacer) >= 90


def test_a_request_that_was_never_answered_may_have_been_counted(pacer):
    learn(pacer, limit=20, remaining=11)
    for _ in range(6):
        assert pacer.try_acquire("users") == 0.0
    for _ in range(6):
        pacer.release("users")
    assert burst(pacer) == 11 - 1 - 6


def test_never_answered_requests_do_not_block_for_the_whole_window(pacer, clock):
    learn(pacer, limit=20, remaining=5, left=50)
    lost = burst(pacer)
    for _ in range(lost):
        pacer.release("users")
    assert 0.0 < pacer.try_acquire("users") <= STALE
    clock.now += STALE + 0.01
    assert pacer.try_acquire("users") == 0.0
    assert pacer.try_acquire("users") > 0.0, "one, to see what became of them"


def test_what_is_known_grows_old_while_nothing_flies(pacer, clock):
    learn(pacer, limit=100, remaining=99, left=60)
    clock.now += STALE + 0.1
    assert pacer.try_acquire("users") == 0.0
    assert pacer.try_acquire("users") > 0.0


def test_a_failed_probe_lets_the_next_one_go(pacer):
    assert pacer.try_acquire("users") == 0.0
    pacer.release("users")
    assert pacer.try_acquire("users") == 0.0


def test_without_headers_there_is_no_budget_to_keep(pacer):
    assert pacer.try_acquire("users") == 0.0
    pacer.observe("users", 200, {})
    pacer.release("users")
    assert all(pacer.try_acquire("users") == 0.0 for _ in range(1000))


def test_a_gateway_s_error_without_headers_says_nothing_about_the_budget(pacer):
    assert pacer.try_acquire("users") == 0.0
    pacer.observe("users", 502, {})
    pacer.release("users")
    assert burst(pacer) == 1


def test_headers_that_occur_twice_count_as_the_strictest(pacer):
    assert pacer.try_acquire("users") == 0.0
    told = headers(100, 99, 5_000_030, 5_000_000) | {"X-Rate-Limit-Remaining": "99, 7"}
    pacer.observe("users", 200, told)
    pacer.release("users")
    assert burst(pacer) == 2


@pytest.mark.parametrize("odd", ["", "soon", "1e3", "0x10", "-"])
def test_unreadable_numbers_are_no_numbers(pacer, odd):
    assert pacer.try_acquire("users") == 0.0
    told = headers(100, 99, 5_000_030, 5_000_000) | {"X-Rate-Limit-Remaining": odd}
    assert pacer.observe("users", 200, told) is None
    pacer.release("users")


def test_a_reset_without_a_date_is_a_whole_window_away(pacer):
    assert pacer.try_acquire("users") == 0.0
    told = headers(100, 2, 5_000_030, 5_000_000)
    del told["Date"]
    pacer.observe("users", 200, told)
    pacer.release("users")
    assert 55.0 < pacer.try_acquire("users") < 65.0


def test_a_reset_far_in_the_future_is_not_believed(pacer):
    learn(pacer, limit=100, remaining=0, left=86_400)
    assert pacer.try_acquire("users") <= LONGEST_WINDOW + 1


# 429


def test_a_429_says_how_long_to_wait_by_the_server_s_clock(pacer, clock):
    assert learn(pacer, status=429, remaining=0, left=17) == pytest.approx(18.0)
    assert pacer.try_acquire("users") == pytest.approx(18.0)
    clock.now += 18.0
    assert pacer.try_acquire("users") == 0.0


def test_a_reset_in_the_past_still_waits_a_second(pacer):
    assert learn(pacer, status=429, remaining=0, left=-5) == pytest.approx(1.0)


def test_a_concurrency_429_does_not_poison_the_budget(pacer):
    learn(pacer, limit=100, remaining=60)
    assert pacer.try_acquire("users") == 0.0
    told = headers(0, 0, 5_000_030, 5_000_000)
    assert pacer.observe("users", 429, told) == CONCURRENCY_WAIT
    pacer.release("users")
    assert burst(pacer) == 60 - 5 - 1


def test_a_429_without_a_reset_has_a_wait(pacer):
    assert pacer.try_acquire("users") == 0.0
    assert pacer.observe("users", 429, {"X-Rate-Limit-Limit": "100"}) == UNKNOWN_WAIT
    pacer.release("users")


# Budgets that may be one


def test_kinds_that_show_the_same_budget_are_paced_as_one(pacer):
    learn(pacer, FACTORS, limit=50, remaining=49)
    learn(pacer, ROLES, limit=50, remaining=48)
    assert burst(pacer, FACTORS) + burst(pacer, ROLES) <= 45


def test_kinds_that_show_different_budgets_are_paced_apart(pacer):
    learn(pacer, FACTORS, limit=50, remaining=4)
    learn(pacer, ROLES, limit=60, remaining=50)
    assert pacer.try_acquire(FACTORS) > 1.0
    assert burst(pacer, ROLES) > 40


# Whole stories, on a simulated clock


@dataclass
class Budget:
    """One budget on the server: fixed windows, some of it used by others."""

    buckets: tuple[str, ...]
    limit: int
    window: float
    phase: float
    next_limit: int
    used: dict[int, int] = field(default_factory=dict)
    refused: int = 0

    def limit_in(self, index: int) -> int:
        return self.limit if index % 2 else self.next_limit

    def serve(self, at: float, base: float, rounding) -> tuple[int, dict[str, str]]:
        index = math.floor((at - self.phase) / self.window)
        limit = self.limit_in(index)
        self.used[index] = self.used.get(index, 0) + 1
        remaining = limit - self.used[index]
        self.refused += remaining < 0
        reset = rounding(base + self.phase + (index + 1) * self.window)
        told = headers(limit, max(0, remaining), reset, math.floor(base + at))
        return (429 if remaining < 0 else 200), told


def simulate(budgets, work, *, workers, latency, lost, skew, base, rounding, seed):
    """Workers ask, requests travel, the server counts. Returns the time when all was done."""
    chance = random.Random(seed)
    clock = Clock(1000.0)
    pacer = Pacer(lambda: clock.now + skew)
    budget_of = {bucket: budget for budget in budgets for bucket in budget.buckets}
    left = dict(work)
    order = itertools.count()
    events = [(clock.now, next(order), "ask", "", None) for _ in range(workers)]
    last = clock.now
    while events:
        at, _, kind, bucket, told = heapq.heappop(events)
        clock.now = max(clock.now, at)
        if kind == "serve":
            said = budget_of[bucket].serve(clock.now, base, rounding)
            back = clock.now + chance.uniform(*latency)
            heapq.heappush(events, (back, next(order), "back", bucket, said))
            continue
        if kind == "back":
            last = clock.now
            if chance.random() < lost:
                left[bucket] += 1
            else:
                pacer.observe(bucket, *told)
            pacer.release(bucket)
        waits = [60.0]
        choices = [name for name, count in left.items() if count]
        chance.shuffle(choices)
        for name in choices:
            wait = pacer.try_acquire(name)
            if wait == 0.0:
                left[name] -= 1
                arrives = clock.now + chance.uniform(*latency)
                heapq.heappush(events, (arrives, next(order), "serve", name, None))
                break
            waits.append(wait)
        else:
            flying = any(event[2] != "ask" for event in events)
            if choices or flying:
                # In the crawl an answer wakes a worker at once; here, soon.
                again = clock.now + max(0.01, min(min(waits), 1.0))
                heapq.heappush(events, (again, next(order), "ask", "", None))
        assert clock.now < 100_000, "it stands still"
    assert not any(left.values())
    return last - 1000.0


limits = st.integers(6, 80)
budget = st.builds(
    lambda limit, change, window, phase: (limit, change, window, phase),
    limits,
    st.one_of(st.none(), limits),
    st.just(60.0),  # Okta: windows are a minute
    st.floats(0.0, 60.0),
)


@settings(max_examples=60, derandomize=True)
@given(
    users=budget,
    other=budget,
    shared=st.booleans(),
    workers=st.integers(1, 24),
    slowest=st.sampled_from([0.02, 0.3, 3.0]),
    lost=st.sampled_from([0.0, 0.05]),
    skew=st.floats(-1e6, 1e6),
    rounding=st.sampled_from([math.floor, math.ceil]),
    base=st.floats(1.5e9, 2e9),
    seed=st.integers(0, 10**6),
)
def test_no_interleaving_meets_a_429_and_all_work_gets_done(
    users, other, shared, workers, slowest, lost, skew, rounding, base, seed
):
    def made(buckets, told):
        limit, change, window, phase = told
        return Budget(buckets, limit, window, phase, change or limit)

    budgets = [made(("users",), users)]
    if shared:
        budgets.append(made((FACTORS, ROLES, "other/iam"), other))
    else:
        budgets += [made((name,), other) for name in (FACTORS, ROLES, "other/iam")]
    work = {"users": 60, FACTORS: 120, ROLES: 20, "other/iam": 3}
    took = simulate(
        budgets,
        work,
        workers=workers,
        latency=(0.01, slowest),
        lost=lost,
        skew=skew,
        base=base,
        rounding=rounding,
        seed=seed,
    )
    # What a lost answer has spent nobody can know: then a refusal now and again is borne.
    assert [b.refused for b in budgets if not lost] == ([] if lost else [0] * len(budgets))
    assert sum(b.refused for b in budgets) <= 203 * lost * 2
    # Never much worse than using a third of what each window allows, and by travel time.
    slow = max(
        (sum(work[name] for name in b.buckets) / max(1, min(b.limit, b.next_limit) / 3) + 3)
        * (b.window + 2)
        for b in budgets
    )
    assert took < 2 * slow + 203 * 2 * slowest * 2


def test_a_budget_is_used_down_to_the_reserve_in_every_window():
    told = Budget((FACTORS,), 600, 60.0, 17.3, 600)
    took = simulate(
        [told],
        {FACTORS: 1_800},
        workers=16,
        latency=(0.02, 0.04),
        lost=0.0,
        skew=0.0,
        base=1.7e9,
        rounding=math.floor,
        seed=1,
    )
    assert told.refused == 0
    # 570 each in three windows, the rest in the fourth: nothing is spread, nothing left lying.
    assert sorted(told.used.values()) == [90, 570, 570, 570]
    assert took < 4 * 60
