"""Sessions: limits, the list of one's own, revocation, and the end that a publish brings."""

from datetime import timedelta

import pytest
import time_machine

from tests.scenarios.conftest import control
from tests.workflows.conftest import OPERATOR
from workflows import sessions, sync
from workflows.errors import NotAllowed, NotFoundHere, SignedOut


def later(inst, **how):
    return time_machine.travel(inst.now() + timedelta(**how), tick=False)


def test_a_session_ends_when_nobody_uses_it(browser, inst):
    ana = browser()
    ana.sign_in("ana")
    with later(inst, minutes=29):
        assert ana.visitor().actor
    with later(inst, minutes=31):
        assert ana.visitor().reason == "idle"
        assert "Nobody used it" in ana.visitor().sentence


def test_using_it_puts_the_idle_limit_off_and_looking_does_not(browser, inst):
    ana = browser()
    ana.sign_in("ana")
    with later(inst, minutes=20):
        sessions.visitor(inst, ana.token)
    with later(inst, minutes=31):
        assert ana.visitor().reason == "idle"
    with later(inst, minutes=20):
        sessions.visitor(inst, ana.token, at_the_screen=True)
        sessions._writer.submit(lambda: None).result(timeout=60)
    with later(inst, minutes=31):
        assert ana.visitor().actor


def test_a_session_ends_after_its_longest_time_however_it_is_used(browser, inst):
    ana = browser()
    ana.sign_in("ana")
    for minutes in range(20, 12 * 60, 20):
        with later(inst, minutes=minutes):
            assert sessions.visitor(inst, ana.token, at_the_screen=True).actor
            sessions._writer.submit(lambda: None).result(timeout=60)
    with later(inst, hours=12):
        assert ana.visitor().reason == "expired"


@pytest.mark.parametrize("settings", [{"session_idle_minutes": 5, "session_hours": 0.5}])
def test_both_limits_are_settings(browser, inst):
    ana = browser()
    ana.sign_in("ana")
    with later(inst, minutes=6):
        assert ana.visitor().reason == "idle"
    with later(inst, minutes=31):
        assert ana.visitor().reason == "expired"


@pytest.mark.parametrize(
    "token", [None, "", "a-cookie-of-another-installation", "\udcff", "x" * 9000]
)
def test_other_cookies_open_nothing(browser, inst, token):
    browser().sign_in("ana")
    assert sessions.visitor(inst, token).actor is None


def test_one_sees_and_ends_ones_own_sessions_only(browser, inst, events):
    ana, ana_at_home, tom = browser(), browser(), browser()
    ana.sign_in("ana")
    ana_at_home.sign_in("ana")
    tom.sign_in("tom")
    mine = sessions.own_sessions(inst, actor=ana.actor)
    assert [s.current for s in mine] == [False, True]
    others = sessions.own_sessions(inst, actor=tom.actor)[0]
    with pytest.raises(NotFoundHere):
        sessions.end_session(inst, others.id, actor=ana.actor)
    sessions.end_session(inst, mine[0].id, actor=ana.actor)
    assert ana_at_home.visitor().reason == "elsewhere"
    assert (ana.visitor().reason, tom.visitor().reason) == ("", "")
    assert events("session.ended")[0]["actor"] == "ana.petrova@meridian.example"


def test_signing_out_everywhere_ends_all_of_them_and_nobody_elses(browser, inst):
    ana, ana_at_home, tom = browser(), browser(), browser()
    for one, who in ((ana, "ana"), (ana_at_home, "ana"), (tom, "tom")):
        one.sign_in(who)
    assert sessions.end_everywhere(inst, actor=ana.actor) == 2
    assert ana.visitor().actor is None
    assert ana_at_home.visitor().actor is None
    assert tom.visitor().actor


def test_an_analyst_ends_the_sessions_of_somebody_else(browser, inst):
    ana, tom = browser(), browser()
    ana.sign_in("ana")
    tom.sign_in("tom")
    assert {s.login.partition(".")[0] for s in sessions.open_sessions(inst, actor=ana.actor)} == {
        "ana",
        "tom",
    }
    with pytest.raises(NotAllowed):
        sessions.end_sessions_of(inst, ana.actor.okta_user_id, actor=tom.actor)
    assert sessions.end_sessions_of(inst, tom.actor.okta_user_id, actor=ana.actor) == 1
    assert tom.visitor().reason == "analyst"


def test_a_deactivated_person_loses_the_session_at_the_next_publish(
    browser, inst, connection, tenant, events
):
    assert sync.run_sync(inst, connection.id, actor=OPERATOR).state == "published"
    ana, jack = browser(), browser()
    ana.sign_in("ana")
    jack.sign_in("jack")
    lost = jack.actor
    control(tenant, "users", {"action": "deactivate", "ids": [lost.okta_user_id]})
    assert jack.visitor().actor, "until the publish nothing is known of it"
    run = sync.run_sync(inst, connection.id, actor=OPERATOR)
    assert run.state == "published"
    assert jack.visitor().reason == "deactivated"
    assert ana.visitor().actor
    [event] = events("session.ended")
    assert event["actor"] == "system"
    assert event["detail"] == {"of": lost.id, "because": "deactivated", "run": run.id}
    # What a page of the lost session would still try is refused where it is called.
    with pytest.raises(SignedOut):
        sync.list_runs(inst.on_behalf_of(lost), connection.id)


def test_a_publish_that_fails_ends_no_session(browser, inst, connection, tenant, monkeypatch):
    assert sync.run_sync(inst, connection.id, actor=OPERATOR).state == "published"
    lena = browser()
    lena.sign_in("lena")
    control(tenant, "users", {"action": "deactivate", "ids": [lena.actor.okta_user_id]})
    monkeypatch.setattr("workflows.judge.evaluate", lambda *_: 1 / 0)
    assert sync.run_sync(inst, connection.id, actor=OPERATOR).state == "failed"
    assert lena.visitor().actor
