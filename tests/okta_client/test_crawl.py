"""Many requests at once: everything is read, order and limits are kept, and it can be stopped."""

import threading
import time
from datetime import date

import pytest
import requests

from demo_tenant.server import DemoTenant
from okta_client import client as okta
from okta_client.client import Request
from okta_client.crawl import Crawl, Failure
from okta_client.errors import Cancelled, UnexpectedAnswer
from okta_client.transport import Transport


@pytest.fixture
def tenant():
    with DemoTenant(users=120, rate_limit_scale=1000, today=date(2026, 11, 24)) as running:
        yield running


def crawl(tenant, **options):
    return Crawl(Transport(tenant.url, tenant.api_key), **options)


def small_users(limit=10):
    return Request("users", "/api/v1/users", (("search", "status pr"), ("limit", str(limit))))


def fault(tenant, **said):
    assert requests.post(f"{tenant.url}/demo/faults", json=said).ok


def test_lists_are_followed_and_details_may_be_added_while_pages_arrive(tenant):
    with crawl(tenant, workers=8) as reading:
        reading.submit(small_users())
        users, factors = [], 0
        for page in reading.pages():
            if page.request.resource == "users":
                users += [u["id"] for u in page.records]
                for user in page.records:
                    reading.submit(okta.factors(user["id"]))
            else:
                factors += len(page.records)
    assert len(set(users)) == 120
    assert factors == sum(len(f) for f in tenant.organization.factors.values())
    assert reading.stats.requests == 12 + 120
    assert reading.stats.asked == reading.stats.done


def test_one_failing_request_does_not_stop_the_others(tenant):
    fault(tenant, kind="forbidden", path="/groups$")
    with crawl(tenant) as reading:
        for request in (okta.groups(), okta.group_rules(), okta.apps()):
            reading.submit(request)
        found = list(reading.pages())
    failed = [f for f in found if isinstance(f, Failure)]
    assert [f.request.resource for f in failed] == ["groups"]
    assert len(found) == 3


@pytest.mark.parametrize("options", [{"max_pages": 3}, {}])
def test_a_list_without_end_is_an_error(tenant, options):
    if not options:
        fault(tenant, kind="looping_next")
    with crawl(tenant, **options) as reading:
        reading.submit(small_users())
        last = list(reading.pages())[-1]
    assert isinstance(last, Failure)
    assert isinstance(last.error, UnexpectedAnswer)


def test_a_stale_cursor_restarts_the_list_once_and_loses_nobody(tenant):
    fault(tenant, kind="stale_cursor", times=1, after=4)
    with crawl(tenant) as reading:
        reading.submit(small_users())
        users = {u["id"] for page in reading.pages() for u in page.records}
    assert len(users) == 120


def test_kept_pages_are_not_asked_for_again(tenant):
    with crawl(tenant) as first:
        first.submit(small_users())
        kept = {page.answer.url: page.answer for page in first.pages()}
    with crawl(tenant, recall=kept.get) as again:
        again.submit(small_users())
        users = [u["id"] for page in again.pages() for u in page.records]
    assert (len(users), again.stats.requests) == (120, 0)


def test_too_many_at_once_shrinks_the_pool_and_all_gets_read(tenant):
    fault(tenant, kind="concurrency", times=3)
    with crawl(tenant, workers=8) as reading:
        for user_id in list(tenant.organization.users)[:30]:
            reading.submit(okta.factors(user_id))
        pages = list(reading.pages())
    assert len(pages) == 30
    assert reading.stats.too_many == 3
    assert reading.stats.workers < 8


def test_stopping_ends_the_consumer_and_the_workers(tenant):
    fault(tenant, kind="latency", ms=200)
    reading = crawl(tenant, workers=4)
    for user_id in tenant.organization.users:
        reading.submit(okta.factors(user_id))
    threading.Timer(0.2, reading.stop).start()
    with pytest.raises(Cancelled):
        list(reading.pages())
    assert reading.stats.requests < len(tenant.organization.users)
    deadline = time.monotonic() + 60
    while any(t.name == "okta-crawl" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_inside_real_limits_no_request_is_refused():
    with DemoTenant(users=60, rate_limit_scale=0.2, today=date(2026, 11, 24)) as tight:
        # Factors: 120 a minute less the reserve; two windows would take over a minute.
        with crawl(tight, workers=16) as reading:
            for user_id in tight.organization.users:
                reading.submit(okta.factors(user_id))
            for request in (okta.groups(), okta.apps(), okta.admin_assignees()):
                reading.submit(request)
            pages = list(reading.pages())
        assert len(pages) == len(tight.organization.users) + 3
        assert 429 not in tight.statuses
