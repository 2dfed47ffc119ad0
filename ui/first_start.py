"""The first start: what this is, and the two ways in."""

import base64
from pathlib import Path

import streamlit as st

from ui import access, demo, places
from ui.heading import card_title
from workflows.demo import demo_available

MARK = Path(__file__).resolve().parent / "images" / "icon.png"
STEPS = (
    ("Connect", "18 checks say in full sentences whether the key is right, and what to change in "
     "Okta if not."),
    ("Sync", "Users, groups, factors and apps are read once, with a certificate that nothing was "
     "missed."),
    ("Know", "Who your people are, who lacks MFA, which accounts are shared, and why."),
)  # fmt: skip


def draw(visit: access.Visit) -> None:
    """Nothing is connected: the question that this answers, and how to begin."""
    with st.container(horizontal_alignment="center"), st.container(width=750, gap="small"):
        _question()
        pressed = _ways(visit)
        demo.follow(visit, pressed)
        st.space("small")
        card_title("What happens then")
        with st.grid(3, min_column_width=200, gap="small"):
            for number, (title, text) in enumerate(STEPS, 1):
                with st.container(gap=None):
                    st.markdown(f":primary-badge[{number}] **{title}**")
                    st.markdown(f":small[:gray[{text}]]")


def _question() -> None:
    with st.container(horizontal_alignment="center", gap="xsmall"):
        st.space("medium")
        st.image(f"data:image/png;base64,{base64.b64encode(MARK.read_bytes()).decode()}", width=42)
        st.title("Who has access, is it right, and can you prove it?", anchor=False,
                 text_alignment="center")  # fmt: skip
        st.markdown(
            ":gray[Countersign reads your Okta tenant, tests MFA and accounts, runs access "
            "reviews, and keeps evidence that an auditor can check without trusting you or us. It "
            "only ever reads: nothing in Okta is changed.]",
            text_alignment="center", width=660,
        )  # fmt: skip
        st.space("small")


def _ways(visit: access.Visit) -> bool:
    """The two ways in. Whether the demo was asked for."""
    pressed = False
    with st.grid(2, min_column_width=280, gap="small"):
        if visit.may_change and demo_available(visit.installation):
            with st.container(border=True, height="stretch"):
                card_title(":primary[:material/science:] Try it with the demo tenant")
                st.markdown(
                    ":gray[A pretend company of 500 people with everything that goes wrong in a "
                    "real one: leavers who still have access, shared e-mail accounts, "
                    "administrators without MFA. Runs on this machine; nothing leaves it.]"
                )
                st.space("stretch")
                with st.container(horizontal=True, vertical_alignment="center"):
                    pressed = st.button("Start the demo", type="primary",
                                        icon=":material/play_arrow:")  # fmt: skip
                    st.markdown(":small[:gray[About 40 seconds]]", width="content")
        with st.container(border=True, height="stretch"):
            card_title(":primary[:material/cable:] Connect your Okta")
            st.markdown(
                ":gray[You need the organization’s address and an API key of a service account "
                "that is Read-only Administrator. The next page shows the five steps in the Okta "
                "console beside the form, and checks everything before it saves.]"
            )
            st.space("stretch")
            with st.container(horizontal=True, vertical_alignment="center"):
                places.way("Connect Okta :material/arrow_forward:", "connection",
                           key="connect", type="secondary")  # fmt: skip
                st.markdown(":small[:gray[About 10 minutes]]", width="content")
    return pressed
