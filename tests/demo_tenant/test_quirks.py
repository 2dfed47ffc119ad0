"""The quirks that make a pretend Okta believable: what real tenants were recorded to do."""

import contextlib
import subprocess
import sys
import time
from collections import Counter
from datetime import date

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from demo_tenant.errors import Refused
from demo_tenant.organization import Organization
from demo_tenant.search import parse
from demo_tenant.server import DemoTenant

STATUSES = ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT",
            "SUSPENDED", "DEPROVISIONED"]  # fmt: skip


def test_the_plain_list_leaves_out_the_deactivated_and_search_and_filter_do_not(ask):
    plain = Counter(u["status"] for u in ask.all("/api/v1/users"))
    searched = Counter(u["status"] for u in ask.all("/api/v1/users", search="status pr"))
    both = " or ".join(f'status eq "{s}"' for s in STATUSES)
    filtered = Counter(u["status"] for u in ask.all("/api/v1/users", filter=both))
    assert "DEPROVISIONED" not in plain
    assert searched == filtered
    assert set(searched) == set(STATUSES)
    assert searched.total() == 150


def test_pages_have_separate_link_lines_and_opaque_cursors(ask):
    answer = ask.get("/api/v1/users", limit=40)
    lines = answer.raw.headers.getlist("link")
    assert [line.partition("rel=")[2] for line in lines] == ['"self"', '"next"']
    seen = [u["id"] for u in ask.all("/api/v1/users", search="status pr", limit=7)]
    assert len(seen) == len(set(seen)) == 150
    for path, code in (("/api/v1/users", "E0000031"), ("/api/v1/groups", "E0000029")):
        wrong = ask.get(path, after="nonsense")
        assert (wrong.status_code, wrong.json()["errorCode"]) == (400, code)


def test_search_is_sorted_when_asked(ask):
    made = [u["created"] for u in ask.all("/api/v1/users", search="status pr", sortBy="created")]
    assert made == sorted(made)
    assert all(m.endswith(".000Z") for m in made)


@pytest.mark.parametrize(
    "expression",
    ['status ne "ACTIVE"', "status eq ACTIVE", "(status pr", 'status eq "A" and', '"x"'],
)
def test_what_okta_does_not_understand_is_a_400(ask, expression):
    answer = ask.get("/api/v1/users", search=expression)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000031")


VALUES = st.text(max_size=12)


@given(value=VALUES, other=VALUES)
def test_a_quoted_value_is_compared_and_never_interpreted(value, other):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    test = parse(f'profile.login eq "{quoted}"')
    assert test({"profile": {"login": value}})
    if other.lower() != value.lower():
        assert not test({"profile": {"login": other}})


@given(st.text(max_size=40))
def test_any_expression_is_understood_or_refused(text):
    with contextlib.suppress(Refused):
        parse(text)({"status": "ACTIVE", "profile": {}})


def test_errors_look_like_oktas(ask):
    wrong = requests.get(f"{ask.tenant.url}/api/v1/users", headers={"Authorization": "SSWS x"})
    assert (wrong.status_code, wrong.json()["errorCode"]) == (401, "E0000011")
    gone = ask.get("/api/v1/users/00unobody")
    assert (gone.status_code, gone.json()["errorCode"]) == (404, "E0000007")
    assert set(gone.json()) == {
        "errorCode", "errorSummary", "errorLink", "errorId", "errorCauses",
    }  # fmt: skip
    assert ask.get("/api/v1/policies").status_code == 400
    assert ask.get("/api/v1/nothing").json()["errorCode"] == "E0000008"
    assert ask.session.post(f"{ask.tenant.url}/api/v1/users").status_code == 405
    outside = ask.get("/nothing")
    assert "x-okta-request-id" not in outside.headers
    assert "errorCode" not in outside.json()


def test_assignees_page_in_the_body(ask):
    answer = ask.get("/api/v1/iam/assignees/users", limit=4)
    assert "link" not in answer.headers
    first = answer.json()
    following = ask.session.get(first["_links"]["next"]["href"]).json()
    ids = [entry["id"] for page in (first, following) for entry in page["value"]]
    assert len(ids) == len(set(ids)) == 8


def test_roles_of_a_user_are_direct_and_through_groups_and_ids_repeat(ask):
    keys = ask.tenant.organization.by_key
    pavel = ask.get(f"/api/v1/users/{keys['pavel']}/roles").json()
    assert {r["assignmentType"] for r in pavel} == {"USER", "GROUP"}
    gita = ask.get(f"/api/v1/users/{keys['gita']}/roles").json()
    through = [r["id"] for r in pavel + gita if r["assignmentType"] == "GROUP"]
    assert len(through) == 2
    assert len(set(through)) == 1


def test_group_stats_count_members_and_everyone_holds_the_undeactivated(ask):
    groups = ask.all("/api/v1/groups", expand="stats")
    for group in groups:
        members = ask.all(f"/api/v1/groups/{group['id']}/users", limit=50)
        assert group["_embedded"]["stats"]["usersCount"] == len(members)
    everyone = next(g for g in groups if g["type"] == "BUILT_IN")
    alive = ask.all("/api/v1/users")
    assert everyone["_embedded"]["stats"]["usersCount"] == len(alive)
    assert "_embedded" not in ask.all("/api/v1/groups")[0]


def test_last_updated_moves_for_the_profile_and_not_for_factors_or_groups(ask):
    org = ask.tenant.organization
    user = org.by_key["tom"]
    before = ask.get(f"/api/v1/users/{user}").json()["lastUpdated"]
    org.enrol(user, "push")
    org.leave_group(user, org.group_ids["Sales"])
    assert ask.get(f"/api/v1/users/{user}").json()["lastUpdated"] == before
    org.suspend(user)
    assert ask.get(f"/api/v1/users/{user}").json()["lastUpdated"] != before


def test_limits_are_half_of_workforces_and_end_in_429():
    with DemoTenant(users=60, rate_limit_scale=0.02) as tenant:
        headers = {"Authorization": f"SSWS {tenant.api_key}"}
        answers = [requests.get(f"{tenant.url}/api/v1/users", headers=headers) for _ in range(8)]
        assert [a.status_code for a in answers] == [200] * 6 + [429] * 2
        assert answers[0].headers["x-rate-limit-limit"] == "6"
        assert answers[-1].headers["x-rate-limit-remaining"] == "0"
        left = int(answers[-1].headers["x-rate-limit-reset"]) - time.time()
        assert 0 < left <= 61
        assert answers[-1].json()["errorCode"] == "E0000047"
        assert requests.get(f"{tenant.url}/api/v1/groups", headers=headers).status_code == 200


def test_the_log_is_bounded_with_until_and_always_has_a_next_without(ask):
    ask.post("/demo/next-day")
    now = ask.tenant.organization.now.date()
    bounded = ask.get("/api/v1/logs", since=f"{now}T00:00:00.000Z", until=f"{now}T23:59:59.000Z")
    assert bounded.json()
    assert "next" not in bounded.links
    polling = ask.get("/api/v1/logs", since=f"{now}T00:00:00.000Z")
    assert "next" in polling.links
    empty = ask.session.get(polling.links["next"]["url"])
    assert empty.json() == []
    assert "next" in empty.links
    ask.post("/demo/next-day")
    assert ask.session.get(empty.links["next"]["url"]).json()
    kinds = {e["eventType"] for e in bounded.json()}
    assert {"user.lifecycle.create", "user.lifecycle.deactivate"} <= kinds


def test_the_same_seed_makes_the_same_company_and_tomorrow():
    one, two, other = (
        Organization(users=120, seed=seed, today=date(2026, 1, 5)) for seed in (1, 1, 2)
    )
    assert one.users == two.users
    assert one.factors == two.factors
    assert one.users.keys() != other.users.keys()


def test_it_says_where_it_answers_and_ends_with_who_started_it():
    process = subprocess.Popen(
        [sys.executable, "-m", "demo_tenant", "--port", "0", "--announce-json",
         "--until-stdin-closes"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert '"url"' in process.stdout.readline()
    process.stdin.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({"kind": "status", "status": 502}, 502),
        ({"kind": "dead_key"}, 401),
        ({"kind": "forbidden"}, 403),
        ({"kind": "not_enabled"}, 401),
        ({"kind": "storm"}, 429),
        ({"kind": "concurrency"}, 429),
    ],
)
def test_faults_are_switched_on_and_off(ask, fault, seen):
    assert ask.post("/demo/faults", {**fault, "times": 1}).ok
    assert ask.get("/api/v1/groups").status_code == seen
    assert ask.get("/api/v1/groups").status_code == 200


def test_bodies_can_be_cut_dropped_and_html(ask):
    for kind in ("drop", "truncate"):
        ask.post("/demo/faults", {"kind": kind, "times": 1})
        with pytest.raises(requests.RequestException):
            ask.session.get(f"{ask.tenant.url}/api/v1/groups")
    ask.post("/demo/faults", {"kind": "html", "times": 1})
    assert ask.get("/api/v1/groups").headers["content-type"] == "text/html"
    assert ask.post("/demo/faults", {"kind": "nonsense"}).status_code == 400


def test_the_story_names_facts_that_are_there(ask):
    from pathlib import Path

    import demo_tenant

    text = (Path(demo_tenant.__file__).parent / "STORY.md").read_text()
    names = {
        f"{u['profile']['firstName']} {u['profile']['lastName']}"
        for u in ask.tenant.organization.users.values()
    }
    told = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")][2:]
    people = [name for name in told if name and not name.startswith("(")]
    assert len(people) > 20
    assert [name for name in people if name not in names] == []
