"""Asking people to set up MFA: the mail, who gets it, and the text to copy where none is sent."""

import pandas as pd
import streamlit as st

from ui.access import Visit
from ui.asking import last_button
from ui.heading import secondary
from ui.tables import Listing
from ui.texts import count
from workflows.reminders import MFA_SUBJECT, ask_for_mfa, mfa_text


def selected(visit: Visit, listing: Listing, people: pd.DataFrame) -> None:
    """What can be done with those who are selected, at the foot of the window."""
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{count(len(listing.ids), 'person', 'people')} selected**", width="stretch")
        st.button("Clear", type="tertiary", on_click=listing.clear)
        if st.button("Ask to set up MFA…", icon=":material/mail:"):
            _ask(visit, people[people["user_id"].isin(listing.ids)])


@st.dialog("Ask to set up MFA")
def _ask(visit: Visit, people: pd.DataFrame) -> None:
    sends = visit.installation.settings.sends_mail
    many = count(len(people), "e-mail")
    secondary(
        f"{many}, at most one a day to each."
        if sends
        else "No mail server is set, so nothing is sent from here: copy the text and the addresses."
    )
    text = mfa_text(visit.connected.organization, "")
    st.code(f"{MFA_SUBJECT}\n\n{text}", language=None, wrap_lines=True)
    addresses = [str(email) for email in people["email"].dropna() if email]
    if len(addresses) < len(people):
        missing = count(len(people) - len(addresses), "person has", "people have")
        st.markdown(f":orange[:material/warning: {missing} no e-mail address in Okta.]")
    if not sends:
        st.code("; ".join(addresses), language=None, wrap_lines=True)

    def act() -> str:
        done = ask_for_mfa(
            visit.installation, visit.connected.id, [*people["user_id"]], actor=visit.actor
        )
        if not done.queued:
            return "They were all asked today already."
        return f"{count(done.queued, 'e-mail')} will be sent with the next round."

    if sends:
        last_button(f"Send {many}", act, key="ask-mfa", icon=":material/send:")
