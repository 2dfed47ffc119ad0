"""What an incremental run reads again, decided row by row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from okta_client.log_events import Dirty
from storage.runs import RunRecord
from workflows.sync_known import Known
from workflows.sync_mode import READING, why_full
from workflows.sync_quick import Quick
from workflows.sync_scope import Scope

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=3)
SCOPE = {
    "group_id": None, "access_reviews": True, "key_owner_id": "00u", "key_set_at": "t",
    "profile_attributes": ["login"], "reading": READING,
}  # fmt: skip


def last(**more: Any) -> RunRecord:
    known = {
        "id": 7, "started_at": NOON, "published_at": NOON + timedelta(minutes=5), "not_read": [],
        "scope": SCOPE, "log": {"read_at": NOON.isoformat(), "next": "https://acme/logs?after=1"},
    }  # fmt: skip
    return SimpleNamespace(**known | more)  # type: ignore[return-value]


def group(**more: Any) -> dict[str, Any]:
    return {
        "group_id": "g", "users_count": 3, "last_membership_updated_at": LONG_AGO,
        "has_admin_privilege": False, **more,
    }  # fmt: skip


def plan(*, dirty: Dirty | None = None, group_id: str | None = None, **more: Any) -> Quick:
    known = Known(
        users={}, groups={"g": group()}, member_counts={"g": 3}, factor_users={"u": True},
        principals={("USER", "admin")}, through_groups={"inherits"}, apps={}, app_sizes={},
        givers={},
    )  # fmt: skip
    run = SimpleNamespace(id=8, connection_id=1)
    scope = Scope(group_id=group_id, access_reviews=True, key_owner_id=None)
    known = replace(known, **{k: v for k, v in more.items() if k != "not_read"})
    return Quick(
        None, run, scope, last=last(not_read=more.get("not_read", [])), known=known,  # type: ignore[arg-type]
        dirty=dirty or Dirty(),
    )  # fmt: skip


def test_a_group_that_nothing_speaks_against_is_carried_on():
    assert not plan().members(group())


@pytest.mark.parametrize(
    "now",
    [
        {"users_count": 4},
        {"users_count": None},
        {"last_membership_updated_at": NOON + timedelta(hours=2)},
        {"last_membership_updated_at": None},
        {"group_id": "new"},
    ],
    ids=lambda now: next(iter(now)),
)
def test_a_group_whose_list_entry_differs_is_read(now):
    assert plan().members(group(**now))


def test_a_group_that_changed_while_it_was_read_is_read_again():
    """Okta's times are whole seconds: a second change in the same one shows nowhere else."""
    during = group(last_membership_updated_at=NOON + timedelta(minutes=1))
    assert plan(groups={"g": during}).members(during)
    before = group(last_membership_updated_at=NOON - timedelta(seconds=30))
    assert plan(groups={"g": before}).members(before)


def test_a_group_is_read_that_an_event_names_or_whose_known_members_are_not_as_many():
    assert plan(dirty=Dirty(members={"g"})).members(group())
    assert plan(member_counts={"g": 2}).members(group())
    assert plan(not_read=[{"resource": "memberships", "reason": ""}]).members(group())


def test_factors_are_read_of_whom_an_event_names_and_of_whom_nothing_is_known():
    quick = plan(dirty=Dirty(factors={"named"}), factor_users={"u": True, "refused": False})
    wanted = {u for u in ("u", "named", "new", "refused") if quick.factors({"user_id": u})}
    assert wanted == {"named", "new", "refused"}


def test_roles_are_read_of_whom_nothing_explains():
    quick = plan(dirty=Dirty(roles={"named"}))
    wanted = {u for u in ("admin", "inherits", "named", "new") if quick.user_roles(u)}
    assert wanted == {"named", "new"}
    everybody = plan(dirty=Dirty(all_roles=True))
    assert everybody.user_roles("admin")
    assert everybody.user_roles("inherits")


@pytest.mark.parametrize(
    ("known", "said", "read"),
    [(False, False, False), (False, True, True), (True, False, True), (True, True, False),
     (False, None, True)],
)  # fmt: skip
def test_a_groups_roles_are_read_where_its_privilege_is_not_what_is_known(known, said, read):
    quick = plan(principals={("GROUP", "g")} if known else set())
    assert quick.group_roles(group(has_admin_privilege=said)) is read


def test_an_application_is_read_when_it_differs_or_is_named():
    app = {"app_id": "a", "label": "Tool", "status": "ACTIVE"}
    assert plan(apps={"a": app}).app(app) == (False, False)
    assert plan(apps={"a": app}).app({**app, "status": "INACTIVE"}) == (True, True)
    assert plan(apps={"a": app}, dirty=Dirty(apps={"a"})).app(app) == (True, True)
    assert plan(apps={"a": app}, dirty=Dirty(app_people={"a"})).app(app) == (True, False)


def why(asked: str = "incremental", *, scope: dict[str, Any] | None = None, **more: Any) -> str:
    run = last(**more)
    found = why_full(
        asked, scope={**SCOPE, **(scope or {})}, last=run, last_full=run,
        now=NOON + timedelta(hours=1),
    )  # fmt: skip
    return found or ""


def test_a_run_reads_everything_where_it_has_nothing_to_build_on():
    assert why() == ""
    nothing = why_full("incremental", scope=SCOPE, last=None, last_full=None, now=NOON)
    assert "Nothing has been published" in (nothing or "")
    assert "place" in why(log=None)
    assert "7 days" in why(started_at=NOON - timedelta(days=7))
    assert "reads otherwise" in why(scope={"reading": READING + 1})
    assert "changed" in why(scope={"group_id": "00g"})
    assert "changed" in why(scope={"access_reviews": False})
    assert "changed" in why(scope={"profile_attributes": ["login", "city"]})
    assert "key" in why(scope={"key_set_at": "later"})
