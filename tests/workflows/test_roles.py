"""Giving and withdrawing roles, and what they let one do from that moment on."""

import threading
from datetime import date, timedelta

import pytest
import time_machine

from tests.workflows.conftest import OPERATOR
from workflows import audit, connect, evaluate, mfa_coverage, personnel, roles, sync
from workflows.errors import CountersignError, NotAllowed, NotFoundHere
from workflows.person import person

FELIX, TOM = "felix.moreau@meridian.example", "tom.fischer@meridian.example"


@pytest.fixture
def ana(browser):
    """The first analyst."""
    one = browser()
    one.sign_in("ana")
    return one


@pytest.fixture
def synced(inst, connection):
    assert sync.run_sync(inst, connection.id, actor=OPERATOR).state == "published"
    return connection


def give(inst, ana, who, role="auditor", **more):
    return roles.grant(inst, who, role, reason="asked for", actor=ana.actor, **more)


def test_a_role_counts_from_the_next_use_on(inst, ana, browser, synced, events):
    felix = browser()
    felix.sign_in("felix")
    assert felix.actor.role == "reviewer"
    given = give(inst, ana, FELIX)
    assert given.subject == felix.actor.okta_user_id
    assert felix.actor.role == "auditor"
    roles.withdraw(inst, given.subject, "auditor", reason="done", actor=ana.actor)
    assert felix.actor.role == "reviewer"
    said = [(e["action"], e["actor"], e["detail"]["reason"]) for e in
            events("role.withdrawn") + events("role.granted")]  # fmt: skip
    assert said[:2] == [
        ("role.withdrawn", ana.actor.id, "done"),
        ("role.granted", ana.actor.id, "asked for"),
    ]
    assert [(g.given, g.reason) for g in roles.role_history(inst)[:2]] == [
        (False, "done"),
        (True, "asked for"),
    ]


def test_a_role_can_wait_for_somebody_by_email(inst, ana, browser):
    assert give(inst, ana, " Felix.Moreau@Meridian.example ").subject == FELIX
    felix = browser()
    felix.sign_in("felix")
    assert felix.actor.role == "auditor"


def test_an_email_of_two_accounts_names_nobody(inst, ana, browser, synced, tenant):
    with pytest.raises(CountersignError) as refused:
        give(inst, ana, "sam.taylor@meridian.example")
    ids = [tenant.organization.by_key[key] for key in ("sam1", "sam2")]
    assert refused.value.code == "shared_email"
    assert all(user_id in refused.value.action for user_id in ids)
    give(inst, ana, ids[1], "analyst")
    sam, samantha = browser(), browser()
    sam.sign_in("sam1")
    samantha.sign_in("sam2")
    assert (sam.actor.role, samantha.actor.role) == ("reviewer", "analyst")


@pytest.mark.parametrize("settings", [{"analysts": ("sam.taylor@meridian.example",)}])
def test_an_email_that_was_given_before_the_sync_showed_two_counts_for_neither(
    inst, browser, synced
):
    for key in ("sam1", "sam2"):
        one = browser()
        one.sign_in(key)
        assert one.actor.role == "reviewer", key


@pytest.mark.parametrize("settings", [{"analysts": ("Tom.Fischer@meridian.example",)}])
def test_the_operators_setting_makes_analysts_and_nobody_here_unmakes_them(inst, browser, events):
    tom, first_here = browser(), browser()
    first_here.sign_in("ana")
    tom.sign_in("tom")
    assert (tom.actor.role, first_here.actor.role) == ("analyst", "reviewer")
    [listed] = roles.list_grants(inst)
    assert (listed.author, listed.withdrawable) == ("COUNTERSIGN_ANALYSTS", False)
    with pytest.raises(NotFoundHere):
        roles.withdraw(inst, listed.subject, "analyst", reason="x", actor=tom.actor)


def test_the_setting_takes_okta_ids_as_they_are(inst, browser, tenant):
    user_id = tenant.organization.by_key["tom"]
    settings = inst.settings.model_copy(update={"analysts": (user_id,)})
    object.__setattr__(inst, "settings", settings)
    tom = browser()
    tom.sign_in("tom")
    assert tom.actor.role == "analyst"


def test_the_last_analyst_stays(inst, ana, synced):
    with pytest.raises(CountersignError) as refused:
        roles.withdraw(inst, ana.actor.okta_user_id, "analyst", reason="bye", actor=ana.actor)
    assert refused.value.code == "last_analyst"
    give(inst, ana, FELIX, "analyst")
    roles.withdraw(inst, ana.actor.okta_user_id, "analyst", reason="bye", actor=ana.actor)
    assert ana.actor.role == "reviewer"


def test_of_two_analysts_who_remove_each_other_at_once_one_stays(inst, ana, browser, synced):
    give(inst, ana, FELIX, "analyst")
    felix = browser()
    felix.sign_in("felix")
    actors, barrier = (ana.actor, felix.actor), threading.Barrier(2)

    def remove(actor, other):
        barrier.wait()
        try:
            roles.withdraw(inst, other.okta_user_id, "analyst", reason="x", actor=actor)
        except CountersignError:
            return

    pairs = (actors, actors[::-1])
    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(g.role == "analyst" for g in roles.list_grants(inst)) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"who": ""}, "who"),
        ({"who": "two@x.com three@x.com"}, "who"),
        ({"role": "reviewer"}, "role"),
        ({"role": "analyst", "ends_on": date(2030, 1, 1)}, "ends_on"),
        ({"role": "analyst", "as_of_limit": date(2030, 1, 1)}, "ends_on"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_given_is_answered_at_its_field(inst, ana, more, field):
    said = {"who": FELIX, "role": "auditor", "reason": "r", **more}
    with pytest.raises(CountersignError) as refused:
        roles.grant(inst, said.pop("who"), said.pop("role"), actor=ana.actor, **said)
    assert refused.value.field == field


def test_an_auditors_access_ends_with_its_last_day(inst, ana, browser):
    today = inst.now().date()
    give(inst, ana, FELIX, ends_on=today + timedelta(days=1))
    felix = browser()
    felix.sign_in("felix")
    assert felix.actor.role == "auditor"
    with time_machine.travel(inst.now() + timedelta(days=2), tick=False):
        again = browser()
        again.sign_in("felix")
        assert again.actor.role == "reviewer"


def test_an_auditor_reads_everything_and_changes_nothing(inst, ana, browser, synced):
    give(inst, ana, FELIX)
    felix = browser()
    felix.sign_in("felix")
    seen = inst.on_behalf_of(felix.actor)
    assert len(personnel.people(seen, synced.id).frame)
    assert evaluate.latest_results(seen, synced.id)[0].outcome == "FAILED"
    assert connect.get_connection(seen, synced.id).host
    with pytest.raises(NotAllowed):
        sync.start_sync(seen, synced.id, actor=felix.actor)
    with pytest.raises(NotAllowed):
        roles.grant(seen, TOM, "analyst", reason="x", actor=felix.actor)


def test_an_auditors_limit_hides_whatever_came_later(inst, ana, browser, connection, tenant):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        assert sync.run_sync(inst, connection.id, actor=OPERATOR).state == "published"
        first = evaluate.latest_results(inst, connection.id)
        people_then = personnel.people(inst, connection.id)
    with time_machine.travel("2026-11-24T10:00:00Z"):
        ana.sign_in("ana")
        user = people_then.frame["user_id"].iloc[0]
        later = sync.run_sync(inst, connection.id, actor=OPERATOR)
        personnel.set_overrides(
            inst, connection.id, [user], changes={"status": "OUT_OF_SCOPE"}, reason="r",
            actor=ana.actor,
        )  # fmt: skip
        give(inst, ana, FELIX, as_of_limit=date(2026, 11, 20))
        felix = browser()
        felix.sign_in("felix")
        seen = inst.on_behalf_of(felix.actor)

        found = personnel.people(seen, connection.id)
        assert found.run_id == people_then.run_id
        assert not found.frame["overridden"].map(bool).any()
        # Nor by asking for a later day.
        assert personnel.people(seen, connection.id, as_of=inst.now()).run_id == found.run_id
        assert [r.result_id for r in evaluate.latest_results(seen, connection.id)] == [
            r.result_id for r in first
        ]
        newest = evaluate.latest_results(inst, connection.id)[0].result_id
        for hidden in (
            lambda: evaluate.result(seen, newest),
            lambda: evaluate.findings(seen, newest),
            lambda: sync.get_run(seen, later.id),
        ):
            with pytest.raises(NotFoundHere):
                hidden()
        assert [run.id for run in sync.list_runs(seen, connection.id)] == [found.run_id]
        assert sync.count_runs(seen, connection.id) == 1
        assert sync.latest_published(seen, connection.id).id == found.run_id
        assert len(evaluate.result_history(seen, connection.id, first[0].control_id)) == 1
        assert len(mfa_coverage.mfa_coverage(seen, connection.id).trend) == 1
        told = audit.audit_events(seen, limit=500)
        assert {event.action for event in told.itertuples()} == {"sync.started", "sync.published"}
        assert person(seen, connection.id, user).override_history.empty
        # What tells of now only is refused as a whole.
        with pytest.raises(NotAllowed, match="20 Nov 2026"):
            roles.list_grants(seen)


def test_a_limit_that_is_still_to_come_limits_nothing_yet(inst, ana, browser, synced):
    give(inst, ana, FELIX, as_of_limit=inst.now().date())
    felix = browser()
    felix.sign_in("felix")
    assert roles.list_grants(inst.on_behalf_of(felix.actor))
