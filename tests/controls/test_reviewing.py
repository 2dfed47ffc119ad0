"""Who reviews what and what a decision needs: no path leads anybody to their own access."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.reviewers import Manager
from controls.reviewing import (
    ACTIVE,
    DECISIONS,
    NEXT_STATES,
    Refused,
    Routing,
    Said,
    check_closing,
    check_decision,
    check_reviewer,
    check_transition,
    checked_note,
    in_force,
)

PERSON = st.sampled_from(["u1", "u2", "u3", "u4"])
MAYBE = st.none() | PERSON
NAMES = {f"u{n}": name for n, name in enumerate(["Ada", "Bo", "Cy", "Di"], 1)}


def routing(strategy="manager", fallback="u4", may=("u1", "u2", "u3", "u4"), bosses=(), **more):
    return Routing(
        strategy=strategy, fallback=fallback, can_review=set(may), names=NAMES,
        managers={who: Manager(boss) for who, boss in dict(bosses).items()}, **more,
    )  # fmt: skip


ANY_ROUTING = st.builds(
    routing,
    strategy=st.sampled_from(["manager", "owner", "named"]),
    fallback=PERSON,
    may=st.sets(PERSON),
    bosses=st.dictionaries(PERSON, MAYBE),
    owners=st.dictionaries(st.just(("app", "crm")), st.lists(PERSON, max_size=3)),
    named=MAYBE,
)


@given(ANY_ROUTING, PERSON, st.sets(PERSON, max_size=2))
def test_nobody_reviews_their_own_access_in_any_strategy(rules, subject, leaving_out):
    found = rules.route(subject, "app", "crm", leaving_out=leaving_out)
    assert found.reviewer != subject
    assert found.reviewer not in leaving_out
    assert found.reviewer is None or found.reviewer in rules.can_review
    assert found.why.endswith(".")
    # So it is for everybody who shares it, and a share is for several.
    assert not {subject, *leaving_out} & set(found.shared)
    assert set(found.shared) <= rules.can_review
    assert found.shared == () or (found.reviewer == found.shared[0] and len(found.shared) > 1)


@given(ANY_ROUTING, PERSON)
def test_an_item_is_nobodys_only_when_fallback_and_their_manager_cannot(rules, subject):
    if rules.route(subject, "app", "crm").reviewer is None:
        boss = rules.managers.get(rules.fallback, Manager(None)).user_id
        for candidate in (rules.fallback, boss):
            assert candidate is None or candidate == subject or candidate not in rules.can_review


@pytest.mark.parametrize(
    ("rules", "reviewer", "why"),
    [
        (routing(bosses={"u1": "u2"}), "u2", "Bo is Ada's manager in Okta."),
        (routing(bosses={"u1": "u1"}), "u4", "fallback: Ada cannot review their own access."),
        (routing(bosses={"u1": "u2"}, may={"u4"}), "u4", "Bo, Ada's manager in Okta, cannot sign"),
        (routing(), "u4", "Okta names no manager for Ada."),
        (routing(fallback="u1", bosses={"u1": "u1"}), None, "Nobody may review this yet"),
        (routing(fallback="u1", bosses={"u1": "u3"}, may={"u1"}), None, "Nobody may review"),
        (routing("owner", owners={("app", "crm"): ["u3"]}), "u3", "Cy is the owner."),
        (routing("owner", owners={("app", "crm"): ["u1"]}), "u4", "Ada cannot review their own"),
        (routing("owner", owners={("app", "crm"): ["u1", "u3"]}), "u3", "Cy is an owner."),
        (
            routing("owner", owners={("app", "crm"): ["u3", "u1", "u2", "u3"]}),
            "u3",
            "Cy and Bo are the owners; the first to decide settles it.",
        ),
        (
            routing("owner", owners={("app", "crm"): ["u1", "u3"]}, may={"u4"}),
            "u4",
            "Ada cannot review their own access. Cy, an owner, cannot sign in.",
        ),
        (routing("owner"), "u4", "no owner is set"),
        (routing("named", named="u2"), "u2", "the reviewer named for this campaign"),
        (routing("named", fallback="u1", named="u1", bosses={"u1": "u2"}), "u2", "fallback's man"),
    ],
)
def test_what_ada_has_goes_to_somebody_else_and_the_reason_says_why(rules, reviewer, why):
    found = rules.route("u1", "app", "crm")
    assert found.reviewer == reviewer
    assert why in found.why


def test_managers_in_a_circle_review_each_other():
    rules = routing(bosses={"u1": "u2", "u2": "u1"})
    assert [rules.route(who, "app", "crm").reviewer for who in ("u1", "u2")] == ["u2", "u1"]


@given(st.sampled_from(DECISIONS), st.text(max_size=30), st.booleans())
def test_a_note_is_required_but_for_an_ordinary_keep(decision, note, privileged):
    if note.strip() or (decision == "KEEP" and not privileged):
        assert checked_note(decision, note, privileged=privileged) == note.strip()
    else:
        with pytest.raises(Refused, match="a note is required"):
            checked_note(decision, note, privileged=privileged)


def test_a_note_has_an_end():
    with pytest.raises(Refused, match="2,000"):
        checked_note("KEEP", "x" * 2001, privileged=False)


@given(
    st.sampled_from([*DECISIONS, "APPROVE", ""]),
    st.sampled_from(["DRAFT", "ACTIVE", "CLOSED", "CANCELLED"]),
    PERSON,
    st.sets(MAYBE, min_size=1, max_size=3),
    MAYBE,
    PERSON,
)
def test_only_a_reviewer_decides_only_while_open_and_never_on_themselves(
    decision, state, subject, reviewers, actor, fallback
):
    allowed = (
        decision in DECISIONS
        and state == ACTIVE
        and actor is not None
        and actor in reviewers
        and actor != subject
        and not (decision == "NOT_MINE" and actor == fallback and len(reviewers) == 1)
    )
    arguments = {
        "campaign_state": state, "subject": subject, "reviewers": reviewers, "actor": actor,
        "fallback": fallback,
    }  # fmt: skip
    if allowed:
        check_decision(decision, **arguments)
    else:
        with pytest.raises(Refused):
            check_decision(decision, **arguments)


def test_items_go_to_nobody_who_has_them_or_cannot_sign_in():
    check_reviewer("u1", {"u2"}, {"u1"})
    with pytest.raises(Refused, match="own access"):
        check_reviewer("u1", {"u1", "u2"}, {"u1"})
    with pytest.raises(Refused, match="cannot sign in"):
        check_reviewer("u1", {"u2"}, {"u3"})


def test_a_campaign_goes_only_forward():
    for state in ("DRAFT", "ACTIVE", "CLOSED", "CANCELLED"):
        for wanted in ("DRAFT", "ACTIVE", "CLOSED", "CANCELLED"):
            if wanted in NEXT_STATES.get(state, ()):
                check_transition(state, wanted)
            else:
                with pytest.raises(Refused):
                    check_transition(state, wanted)


def test_closing_needs_every_decision_or_a_reason():
    check_closing(0, None, "")
    check_closing(3, "revoke", "Nobody answered")
    for rest, reason in ((None, "why"), ("revoke", " "), ("no_decision", ""), ("keep", "why")):
        with pytest.raises(Refused):
            check_closing(3, rest, reason)


@st.composite
def histories(draw):
    """Decisions, each possibly taken back by the one who sees it as the newest."""
    rows, standing = [], []
    for number in range(draw(st.integers(0, 12))):
        if standing and draw(st.booleans()):
            rows.append(Said(number, "UNDO", standing.pop()))
        else:
            rows.append(Said(number, draw(st.sampled_from(DECISIONS))))
            standing.append(number)
    return rows, standing


@given(histories())
def test_what_was_taken_back_counts_no_more_and_what_stood_before_counts_again(history):
    rows, standing = history
    found = in_force(rows)
    assert (found.id if found else None) == (standing[-1] if standing else None)
