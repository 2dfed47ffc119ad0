"""The demo's people: whom one can be, and never beside a real connection."""

import pytest

from tests.conftest import sign_in_form
from tests.workflows.conftest import AFAR, HERE, OPERATOR
from workflows import connect as connecting
from workflows import demo, personnel, sessions, sign_in, sync
from workflows.errors import CountersignError, NotAllowed, NotFoundHere
from workflows.personas import PERSONAS


@pytest.fixture
def pretend(inst, tenant):
    """The tenant as the demo connects it, synced."""
    view = connecting.connect(inst, sign_in_form(tenant), actor=OPERATOR, demo=True)
    assert sync.run_sync(inst, view.id, actor=OPERATOR).state == "published"
    return view


def play(inst, key, *, old=None, came=HERE):
    return demo.play_persona(inst, key, old_token=old, came=came)


def test_the_demo_needs_no_sign_in(inst, pretend):
    assert not pretend.sign_in
    assert not sign_in.sign_in_state(inst).on


def test_the_five_are_an_analyst_three_managers_and_an_auditor(inst, pretend, tenant):
    assert sorted(p.role for p in PERSONAS) == ["analyst", "auditor", *["reviewer"] * 3]
    for persona in PERSONAS:
        actor = sessions.visitor(inst, play(inst, persona.key)).actor
        user = tenant.organization.users[actor.okta_user_id]
        assert (actor.role, actor.id) == (persona.role, persona.login)
        assert actor.email == user["profile"]["email"]
        assert actor.name == " ".join(user["profile"][n] for n in ("firstName", "lastName"))


def test_a_persona_may_do_what_its_role_may(inst, pretend):
    seen = {}
    for persona in PERSONAS:
        seen[persona.role] = inst.on_behalf_of(
            sessions.visitor(inst, play(inst, persona.key)).actor
        )
    assert len(personnel.people(seen["auditor"], pretend.id).frame)
    with pytest.raises(NotAllowed):
        sync.start_sync(seen["auditor"], pretend.id, actor=seen["auditor"].actor)
    with pytest.raises(NotAllowed):
        personnel.people(seen["reviewer"], pretend.id)


def test_changing_persona_ends_the_one_before(inst, pretend):
    first = play(inst, "felix.moreau")
    second = play(inst, "marcus.obi", old=first)
    assert sessions.visitor(inst, first).reason == "replaced"
    assert play(inst, "", old=second) is None
    assert sessions.visitor(inst, second).actor is None


@pytest.mark.parametrize("key", ["tom.fischer", "nobody", "felix.moreau'--"])
def test_nobody_else_can_be_played(inst, pretend, key):
    with pytest.raises(NotFoundHere):
        play(inst, key)


def test_personas_are_for_this_computer_only(inst, pretend):
    with pytest.raises(CountersignError, match="demo tenant only"):
        play(inst, "felix.moreau", came=AFAR)


def test_beside_a_real_connection_there_are_none(inst, connection):
    with pytest.raises(CountersignError, match="demo tenant only"):
        play(inst, "felix.moreau")


def test_a_persona_ends_with_the_demo(inst, pretend):
    token = play(inst, "ana.petrova")
    connecting.disconnect(inst, pretend.id, actor=OPERATOR, reason="seen enough")
    assert sessions.visitor(inst, token).actor is None
    with pytest.raises(CountersignError, match="demo tenant only"):
        play(inst, "felix.moreau")
