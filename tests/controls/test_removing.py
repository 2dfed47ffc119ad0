"""Removals: what each publish says about a revoked access, whatever happens in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.removing import drift, verdict

PATHS = st.frozensets(
    st.one_of(st.just(("direct", "")), st.tuples(st.just("group"), st.sampled_from(["ga", "gb"])))
)
FROZEN = PATHS.filter(bool)
D, A, B = ("direct", ""), ("group", "ga"), ("group", "gb")


@pytest.mark.parametrize(
    ("frozen", "seen", "said"),
    [
        ({D}, [{D}], "STILL_PRESENT"),
        ({D}, [set()], "VERIFIED_GONE"),
        ({D, A}, [{A}], "STILL_EFFECTIVE"),
        ({D}, [{A}], "STILL_EFFECTIVE"),
        ({A}, [{A, B}], "STILL_PRESENT"),
        ({D}, [set(), {D}], "CAME_BACK"),
        ({D}, [set(), {A}], "CAME_BACK"),
        ({D}, [set(), {D}, {D}], "CAME_BACK"),
        ({D}, [set(), {D}, set()], "VERIFIED_GONE"),
        ({D, A}, [{A}, {D, A}], "STILL_PRESENT"),
        ({D}, [None], "COULD_NOT_TELL"),
        ({D}, [{D}, None], "COULD_NOT_TELL"),
        ({D}, [None, {D}], "STILL_PRESENT"),
        ({D}, [None, set()], "VERIFIED_GONE"),
        ({D}, [set(), None], "VERIFIED_GONE"),
        ({D}, [set(), None, {D}], "CAME_BACK"),
        ({D}, [set(), {D}, None], "CAME_BACK"),
    ],
)
def test_a_removal_is_what_the_publishes_show(frozen, seen, said):
    state = "OPEN"
    for now in seen:
        state = verdict(state, frozen, now)
    assert state == said


@given(FROZEN, st.lists(st.none() | PATHS, min_size=1, max_size=8))
def test_what_was_not_read_whole_proves_nothing_and_forgets_nothing(frozen, seen):
    state, read = "OPEN", []
    for now in seen:
        before, state = state, verdict(state, frozen, now)
        if now is None:
            proven = {"VERIFIED_GONE", "CAME_BACK"}
            assert state == (before if before in proven else "COULD_NOT_TELL")
        else:
            read.append(now)
            told = "OPEN"
            for ways in read:
                told = verdict(told, frozen, ways)
            assert state == told


@given(FROZEN, st.lists(PATHS, min_size=1, max_size=8))
def test_gone_means_gone_and_back_means_seen_gone_before(frozen, seen):
    state, was_gone = "OPEN", False
    for now in seen:
        state = verdict(state, frozen, now)
        assert (state == "VERIFIED_GONE") == (not now)
        assert (state == "CAME_BACK") == (bool(now) and was_gone)
        if state == "STILL_PRESENT":
            assert frozen <= now
        was_gone |= not now
    assert state != "OPEN"


@given(FROZEN, PATHS)
def test_drift_is_same_only_when_nothing_changed(frozen, now):
    said = drift(frozen, now)
    assert (said == "same") == (frozen == now)
    assert (said == "gone") == (not now)
    assert (said == "more") == (frozen < now)
    assert (said == "fewer") == (bool(now) and now < frozen)
