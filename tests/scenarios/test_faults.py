"""Every fault in mid sync ends in a complete published run, or in words with nothing changed."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa

from storage import snapshots
from storage.directory import KINDS
from tests.scenarios.conftest import ANA, control, small_pages, state
from workflows import evaluate, sync

ENDS_WELL = [
    {"kind": "latency", "ms": 40, "times": 30},
    {"kind": "status", "status": 500, "times": 4},
    {"kind": "status", "status": 502, "times": 4, "after": 3},
    {"kind": "status", "status": 503, "times": 4, "path": "factors"},
    {"kind": "status", "status": 504, "times": 2, "path": "/groups"},
    {"kind": "drop", "times": 4},
    {"kind": "drop", "times": 3, "path": "factors", "after": 10},
    {"kind": "truncate", "times": 4},
    {"kind": "truncate", "times": 2, "path": "/api/v1/users$"},
    {"kind": "html", "status": 200, "times": 3},
    {"kind": "html", "status": 503, "times": 3},
    {"kind": "storm", "times": 5, "wait": 1},
    {"kind": "concurrency", "times": 4},
    {"kind": "stale_cursor", "times": 1},
]
ENDS_IN_WORDS = [
    ({"kind": "status", "status": 500, "path": "/api/v1/users$"}, "unavailable"),
    ({"kind": "drop", "path": "/api/v1/groups$"}, "unavailable"),
    ({"kind": "html", "path": "/api/v1/users$"}, "not_an_okta_org"),
    ({"kind": "dead_key"}, "key_invalid"),
    ({"kind": "dead_key", "after": 20}, "key_invalid"),
    ({"kind": "forbidden", "path": "/api/v1/users$"}, "not_permitted"),
    ({"kind": "forbidden", "path": "/api/v1/groups$"}, "not_permitted"),
    ({"kind": "looping_next"}, "unexpected_answer"),
]


def rows(inst, connection_id):
    return {
        kind: len(snapshots.frame(inst.database, connection_id, kind))
        for kind in ("users", "groups", "memberships", "factors", "admin_roles")
    }


@pytest.fixture
def published(inst, connected):
    """A connection with small pages, so that lists have a middle, synced once."""
    connection_id = connected()
    assert sync.run_sync(inst, connection_id, actor=ANA).state == "published"
    return connection_id


# What a fault does to reading is the same whatever the store; what a run that fails leaves in the
# store is tested on both, in test_runs.py and test_store_trouble.py.
on_one_store = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_one_store
@pytest.mark.parametrize("fault", ENDS_WELL, ids=lambda f: "-".join(map(str, f.values())))
def test_a_passing_fault_ends_in_a_complete_run(
    inst, tenant, published, monkeypatch, fast_retries, fault
):
    small_pages(monkeypatch)
    control(tenant, "next-day")
    control(tenant, "faults", fault)
    run = sync.run_sync(inst, published, actor=ANA)
    assert run.state == "published", run.error
    truth = state(tenant)
    assert run.counts["users"] == truth["users"]
    assert rows(inst, published)["memberships"] == truth["memberships"]
    assert rows(inst, published)["factors"] == truth["factors"]


@on_one_store
@pytest.mark.parametrize(("fault", "code"), ENDS_IN_WORDS, ids=lambda f: str(f))
def test_a_lasting_fault_ends_in_words_with_nothing_changed(
    inst, tenant, published, monkeypatch, fast_retries, fault, code
):
    small_pages(monkeypatch)
    before = rows(inst, published)
    last = sync.latest_published(inst, published)
    control(tenant, "next-day")
    control(tenant, "faults", fault)
    run = sync.run_sync(inst, published, actor=ANA)
    assert (run.state, run.error["code"]) == ("failed", code)
    assert tenant.api_key not in str(run.error)
    assert rows(inst, published) == before
    assert sync.latest_published(inst, published).id == last.id
    # Nothing is in the way of the next one.
    control(tenant, "faults", method="DELETE")
    assert sync.run_sync(inst, published, actor=ANA).state == "published"


def test_an_empty_list_for_everybody_is_held(inst, tenant, published):
    before = rows(inst, published)
    control(tenant, "faults", {"kind": "empty_users"})
    run = sync.run_sync(inst, published, actor=ANA)
    assert (run.state, run.held["reason"]) == ("held", "empty")
    assert rows(inst, published) == before


@pytest.mark.parametrize(
    "resource", ["factors", "assignees", "rules", "policies", "authenticators"]
)
def test_what_may_not_be_read_is_said_and_never_an_empty_result(inst, tenant, published, resource):
    before = rows(inst, published)
    control(tenant, "faults", {"kind": "forbidden", "path": resource})
    run = sync.run_sync(inst, published, actor=ANA)
    assert run.state == "published"
    assert run.not_read
    assert all("may not" in item["reason"] for item in run.not_read)
    assert rows(inst, published)["admin_roles"] == before["admin_roles"]
    if resource == "factors":
        mfa = evaluate.latest_results(inst, published)[0]
        assert (mfa.outcome, mfa.passed) == ("ERROR", 0)
        assert mfa.unknown == mfa.in_scope


def test_a_next_link_to_another_host_is_refused_and_never_gets_the_key(
    inst, tenant, published, monkeypatch, fast_retries
):
    seen = []

    class Spy(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    spy = HTTPServer(("127.0.0.1", 0), Spy)
    threading.Thread(target=spy.serve_forever, daemon=True).start()
    small_pages(monkeypatch)
    host = f"http://127.0.0.1:{spy.server_port}"
    control(tenant, "faults", {"kind": "foreign_next", "host": host})
    run = sync.run_sync(inst, published, actor=ANA)
    spy.shutdown()
    assert (run.state, run.error["code"]) == ("failed", "unexpected_answer")
    assert seen == []


def test_the_key_is_in_no_log_and_no_column(inst, tenant, published, caplog, fast_retries):
    caplog.set_level(logging.DEBUG)
    control(tenant, "faults", {"kind": "status", "status": 500, "path": "/api/v1/groups$"})
    sync.run_sync(inst, published, actor=ANA)
    assert tenant.api_key not in caplog.text
    tables = sa.inspect(inst.database.engine).get_table_names()
    assert "connections" in tables
    key = tenant.api_key.encode()
    with inst.database.read() as conn:
        for name in tables:
            for row in conn.execute(sa.text(f'SELECT * FROM "{name}"')):
                for value in row:
                    raw = (
                        bytes(value)
                        if isinstance(value, bytes | memoryview)
                        else str(value).encode()
                    )
                    assert key not in raw, name


def test_every_directory_kind_is_current_exactly_once(inst, published):
    with inst.database.read() as conn:
        for kind in KINDS.values():
            key = [kind.table.c[name] for name in kind.key]
            current = sa.select(*key).where(kind.table.c.valid_to.is_(None))
            found = conn.execute(current).fetchall()
            assert len(found) == len(set(found)), kind.name
