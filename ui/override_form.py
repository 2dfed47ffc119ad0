"""Overriding values for one or many people: a reason always, wrong input answered at its field."""

from datetime import date

import streamlit as st

from ui import access
from ui.texts import count, md
from workflows.errors import CountersignError
from workflows.personnel import OVERRIDABLE_STATUSES, STATUS_LABELS, set_overrides

_KEEP = "Leave as it is"


def override_form(
    visit: access.Visit, user_ids: list[str], *, key: str, closes: bool = False
) -> None:
    """The fields and the button. Saving happens in the button's callback, on the server.

    closes: whether saving closes the dialog that the form is in.
    """
    if st.session_state.pop(f"{key}-saved", False) and closes:
        # Only a whole rerun can close a dialog, and the page says what was done.
        st.rerun()
    st.selectbox(
        "Employment status", [_KEEP, *OVERRIDABLE_STATUSES], key=f"{key}-status",
        format_func=lambda s: STATUS_LABELS.get(s, s),
    )  # fmt: skip
    _problem(key, "status")
    st.date_input("Start date", value=None, key=f"{key}-start_date", format="YYYY-MM-DD",
                  min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))  # fmt: skip
    _problem(key, "start_date")
    st.date_input("Separation date", value=None, key=f"{key}-separation_date", format="YYYY-MM-DD",
                  min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))  # fmt: skip
    _problem(key, "separation_date")
    st.selectbox("Contractor", [_KEEP, "Yes", "No"], key=f"{key}-contractor")
    _problem(key, "contractor")
    st.text_input("Reason", key=f"{key}-reason", placeholder="Why Okta's value is not right here")
    _problem(key, "reason")
    _problem(key, None)
    st.button(
        "Save override" if len(user_ids) == 1 else f"Save for {len(user_ids):,} people",
        type="primary", icon=":material/save:", key=f"{key}-save", on_click=_save,
        args=(visit, user_ids, key),
    )  # fmt: skip


def _save(visit: access.Visit, user_ids: list[str], key: str) -> None:
    state = st.session_state
    contractor = {"Yes": "true", "No": "false"}.get(state.get(f"{key}-contractor", ""))
    status = state.get(f"{key}-status")
    changes = {
        "status": None if status == _KEEP else status,
        "start_date": _text(state.get(f"{key}-start_date")),
        "separation_date": _text(state.get(f"{key}-separation_date")),
        "contractor": contractor,
    }
    try:
        done = set_overrides(
            visit.installation,
            visit.connected.id,
            user_ids,
            changes=changes,
            reason=state.get(f"{key}-reason", ""),
            actor=visit.actor,
        )
    except CountersignError as error:
        state[f"{key}-problem"] = (error.field, str(error))
        return
    state.pop(f"{key}-problem", None)
    state[f"{key}-saved"] = True
    for name, empty in (
        ("status", _KEEP),
        ("start_date", None),
        ("separation_date", None),
        ("contractor", _KEEP),
        ("reason", ""),
    ):
        state[f"{key}-{name}"] = empty
    people = count(done, "person", "people")
    access.note(f"Saved for {people}; the controls were evaluated again.")


def _problem(key: str, field: str | None) -> None:
    said = st.session_state.get(f"{key}-problem")
    known = {"status", "start_date", "separation_date", "contractor", "reason"}
    if said and (said[0] == field or (field is None and said[0] not in known)):
        st.markdown(f":red[:material/error: {md(said[1], limit=600)}]")


def _text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
