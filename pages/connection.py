"""Connection: connect an organization, check it, replace its key, disconnect it."""

import pandas as pd
import streamlit as st

from ui import checks, connection_form, demo, guide, places, progress, sign_in_section
from ui.access import Visit, base_url, require, shown_errors
from ui.heading import heading, published_caption
from ui.texts import ago, exact, md
from workflows.connect import ConnectionView, disconnect, replace_key, run_preflight
from workflows.demo import demo_available
from workflows.errors import CountersignError

visit = require("auditor")


def connect_first(visit: Visit) -> None:
    """Nothing is connected: the demo, and the form beside the guided steps."""
    with heading("Connection"):
        pass
    if not visit.may_change:
        st.caption("Nothing is connected yet.")
        return
    st.caption("Connect one Okta organization. Countersign only reads, and the key stays here.")
    if demo_available(visit.installation):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                "**No tenant at hand?** A pretend one with 500 people runs on this computer.",
                width="stretch",
            )
            pressed = demo.button("try-demo-connection", primary=False)
        demo.follow(visit, pressed)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader("Your organization")
        with st.container(border=True), shown_errors():
            connection_form.draw(visit, None)
    with right:
        guide.draw(base_url(visit))


def sign_in_word(view: ConnectionView) -> str:
    """Whether people sign in with it."""
    if view.sign_in:
        return "on"
    return "set up, not switched on" if view.has_client_secret else "not set up"


def facts(visit: Visit, view: ConnectionView) -> None:
    """What is connected."""
    now = visit.installation.now()
    mark = " :gray-badge[:material/science: Demo]" if view.demo else ""
    st.markdown(
        f"### :green-badge[:material/check_circle: Connected] {md(view.host)}{mark}",
    )
    rows = [
        ("API key of", md(view.key_owner_login)),
        ("Key set", md(ago(view.key_set_at, now))),
        ("Custom URL domain", md(view.custom_domain) or "none"),
        ("Group label", md(view.group_label) or "none: everybody counts"),
        ("E-mail domains", md(", ".join(view.email_domains), limit=500)),
        ("Sign in with Okta", sign_in_word(view)),
        ("User Access Review", "on" if view.access_reviews else "off"),
        ("Organization id", md(view.org_id)),
    ]
    st.table(
        pd.DataFrame(rows), border="horizontal", hide_index=True, hide_header=True,
        alt="What is connected",
    )  # fmt: skip


def show_checks(visit: Visit, view: ConnectionView) -> None:
    """What the checks said last; those that want something before the others."""
    st.subheader("Checks")
    made = ago(view.preflight_at, visit.installation.now())
    st.caption(f"{checks.tally(view.preflight)}. Made {made}.", help=exact(view.preflight_at))
    if visit.may_change and st.button("Run the checks again", icon=":material/fact_check:"):
        with shown_errors(), st.status("Checking the connection", expanded=True):
            progress.wake(visit)
            run_preflight(visit.installation, view.id, actor=visit.actor, on_check=checks.live())
            st.rerun()
    wanting = [check for check in view.preflight if check.state in checks.WANTING]
    checks.checklist(wanting)
    others = [check for check in view.preflight if check.state not in checks.WANTING]
    if others:
        with st.expander(f"{len(others)} more" if wanting else f"All {len(others)} checks"):
            checks.checklist(others)


def new_key(visit: Visit, view: ConnectionView) -> None:
    """Replace the API key, once the new one has passed the checks."""
    key = st.text_input(
        "New API key", type="password", key="new-api-key", autocomplete="new-password"
    )
    if st.button("Check and replace", icon=":material/key:"):
        with shown_errors():
            replace_key(visit.installation, view.id, key, actor=visit.actor, on_check=checks.live())
            st.session_state.pop("new-api-key", None)
            st.toast("The key was replaced.")
            st.rerun()


@st.dialog("Disconnect")
def ask_disconnect(visit: Visit, view: ConnectionView) -> None:
    st.markdown(
        f"The API key of **{md(view.host)}** is forgotten and syncs end. History, results and "
        "evidence stay."
    )
    st.text_input("Reason", key="disconnect-reason")
    if st.session_state.pop("disconnected", False):
        # Only a whole rerun can close the dialog and draw the page without the connection.
        st.rerun()
    if problem := st.session_state.get("disconnect-problem"):
        st.markdown(f":red[:material/error: {md(problem)}]")
    st.button(
        "Disconnect", type="primary", icon=":material/link_off:", on_click=do_disconnect,
        args=(visit, view),
    )  # fmt: skip


def do_disconnect(visit: Visit, view: ConnectionView) -> None:
    try:
        reason = st.session_state.get("disconnect-reason", "")
        disconnect(visit.installation, view.id, actor=visit.actor, reason=reason)
        st.session_state.pop("disconnect-problem", None)
        st.session_state["disconnected"] = True
    except CountersignError as error:
        st.session_state["disconnect-problem"] = str(error)


def changes(visit: Visit, view: ConnectionView) -> None:
    """What an analyst may do with it."""
    if view.demo:
        with st.container(border=True):
            demo.let_a_day_pass(visit)
    else:
        sign_in_section.draw(visit, view)
        with st.expander("Change this connection", icon=":material/edit:"), shown_errors():
            connection_form.draw(visit, view)
        with st.expander("Replace the API key", icon=":material/key:"):
            new_key(visit, view)
    if st.button("Disconnect", icon=":material/link_off:"):
        ask_disconnect(visit, view)


def connected(visit: Visit, view: ConnectionView) -> None:
    """What is connected beside what its checks say."""
    with heading("Connection"):
        places.link("sync", "Sync and its history", icon=":material/sync:")
    published_caption(visit)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader("Organization")
        with st.container(border=True):
            facts(visit, view)
        if visit.may_change:
            changes(visit, view)
    with right:
        show_checks(visit, view)


with shown_errors():
    if visit.connection is None:
        connect_first(visit)
    else:
        connected(visit, visit.connection)
