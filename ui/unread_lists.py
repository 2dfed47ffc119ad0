"""Lists that a run did not read whole, or did not believe; and an analyst's word on them."""

import streamlit as st

from ui import places, progress
from ui.access import Visit
from ui.asking import last_button
from ui.heading import secondary
from ui.texts import badge, count, md
from workflows.runs import RunView
from workflows.sync import latest_published

_MOST = 20


def draw(visit: Visit, run: RunView) -> None:
    """Each with why, and what stands of it since which run; of the newest run, the way on."""
    lists = (run.certificate or {}).get("lists_not_read", [])
    if not lists:
        return
    last = latest_published(visit.installation, run.connection_id)
    newest = last is not None and last.id == run.id
    for item in lists[:_MOST]:
        since = item["last_read"]
        stands = count(item["rows"], "row")
        when = f"as last read by run {since['run_id']}" if since else "never read before"
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                f"{badge('unknown').markdown} **{md(item['label'])}** "
                f"{md(item['reason'], limit=600)} :small[:gray[{stands}, {when}]]",
                width="stretch",
            )
            name = f"{item['kind']}:{item['id']}"
            if (
                newest
                and visit.may_change
                and st.button(
                    "It is right…", key=f"accept-{item['resource']}-{name}", type="tertiary"
                )
            ):
                _ask(visit, name, item["label"])
    if len(lists) > _MOST:
        secondary(f"and {len(lists) - _MOST} more, in the certificate")


@st.dialog("Take the list as it is")
def _ask(visit: Visit, name: str, label: str) -> None:
    st.markdown(
        f"A sync starts that takes the list of **{md(label)}** as Okta gives it: whoever is not on "
        "it loses what was known of them."
    )
    reason = st.text_input("Reason", key="accept-reason", placeholder="Kept in the audit log")

    def act() -> str:
        progress.start(visit, accept_lists=(name,), reason=reason)
        places.go("sync")

    last_button("Sync and take it as it is", act, key="accept-list")
