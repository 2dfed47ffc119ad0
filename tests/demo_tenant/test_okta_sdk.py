"""Okta's own SDK reads users, groups, members, factors, apps, roles and logs from the tenant.

It sends "SSWS" without the space, and is allowed plain http by an environment variable of its own.
"""

import asyncio
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from demo_tenant.server import DemoTenant


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    from okta.client import Client

    with DemoTenant(users=260, seed=5, rate_limit_scale=1000, today=date(2026, 11, 24)) as tenant:
        made = Client({"orgUrl": tenant.url, "token": tenant.api_key})
        made.tenant = tenant
        yield made


def run(awaitable):
    return asyncio.run(awaitable)


def after_of(answer):
    """The cursor of the next page, from the Link header as the SDK keeps it."""
    links = {k.lower(): v for k, v in answer.headers.items()}.get("link", "")
    match = re.search(r'<([^>]+)>; rel="next"', links)
    return parse_qs(urlsplit(match.group(1)).query)["after"][0] if match else None


def test_users_are_read_page_by_page(client):
    async def go():
        found, after = [], None
        while True:
            users, answer, error = await client.list_users(
                search="status pr", limit=100, **({"after": after} if after else {})
            )
            assert error is None, error
            found += users
            after = after_of(answer)
            if after is None:
                return found

    users = run(go())
    assert len({u.id for u in users}) == 260
    assert any(str(u.status).endswith("DEPROVISIONED") for u in users)
    assert {u.profile.login for u in users} >= {"nora.lindqvist@meridian.example"}


def test_groups_members_factors_apps_roles_and_logs_are_understood(client):
    org = client.tenant.organization
    kofi, pavel = org.by_key["kofi"], org.by_key["pavel"]
    client.tenant.organization.suspend(org.by_key["ben"])

    async def go():
        groups, _, error = await client.list_groups()
        assert error is None, error
        members, _, error = await client.list_group_users(org.group_ids["Legal"])
        assert error is None, error
        factors, _, error = await client.list_factors(kofi)
        assert error is None, error
        apps, _, error = await client.list_applications(limit=200)
        assert error is None, error
        roles, _, error = await client.list_assigned_roles_for_user(pavel)
        assert error is None, error
        logs, _, error = await client.list_log_events(since="2026-11-20T00:00:00.000Z")
        assert error is None, error
        return groups, members, factors, apps, roles, logs

    groups, members, factors, apps, roles, logs = run(go())
    assert len(groups) == len(org.groups)
    assert {m.id for m in members} == set(org.members[org.group_ids["Legal"]])
    assert len(factors) == 2
    assert len(apps) == len(org.apps)
    assert len(roles) == 3
    assert [e.event_type for e in logs] == ["user.lifecycle.suspend"]
