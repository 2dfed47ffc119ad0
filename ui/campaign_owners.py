"""Owners of what a campaign looks at: shown, and set for this and every later campaign."""

import streamlit as st

from ui.access import Visit
from ui.heading import secondary
from ui.texts import count, md
from workflows.errors import CountersignError
from workflows.review_choices import Choices
from workflows.review_owners import MOST_OWNERS, owners, set_owners

# A resource as one text: its kind and its id.
Resource = tuple[str, str]


def ask_owners(visit: Visit, found: Choices, looked_at: dict[Resource, str], end: str) -> None:
    """Ask who owns these resources, by their labels. end: how the fields' keys end."""
    known = {
        (one.kind, one.resource_id): one.owners
        for one in owners(visit.installation, visit.connected.id, actor=visit.actor)
    }
    if not looked_at:
        secondary("Choose what is reviewed first.")
        return
    by_label = sorted(looked_at, key=lambda one: looked_at[one].casefold())
    # What nobody owns yet is what there is to do here.
    chosen = next((one for one in by_label if one not in known), by_label[0])
    if len(by_label) > 1:
        have = sum(one in known for one in by_label)
        secondary(f"{have:,} of {count(len(by_label), 'resource')} have owners; "
                  "what has none goes to the fallback.")  # fmt: skip
        chosen = st.selectbox(
            "Owners of", by_label, by_label.index(chosen), key=f"owners-of{end}",
            format_func=lambda one: looked_at[one] + ("" if one in known else " · nobody yet"),
        )  # fmt: skip
    names = {**found.reviewers, **known.get(chosen, {})}
    key = f"owners-{':'.join(chosen)}"
    if key not in st.session_state:
        st.session_state[key] = [*known.get(chosen, {})]
    st.multiselect(
        "Owners", [*names], key=key, max_selections=MOST_OWNERS,
        format_func=lambda who: names.get(who, who), accept_new_options=True,
        placeholder="Choose people, or type an e-mail", on_change=_set,
        args=(visit, found, chosen, key),
        help="Of several owners the first to decide settles it. Owners are kept: the next campaign "
        "asks them too.",
    )  # fmt: skip
    if problem := st.session_state.pop(f"{key}-problem", None):
        st.markdown(f":red[{md(problem, limit=400)}]")


def _set(visit: Visit, found: Choices, chosen: Resource, key: str) -> None:
    """Keep what was chosen, and show it as it was understood."""
    inst, connection_id = visit.installation, visit.connected.id
    said = [found.meant(text) for text in st.session_state[key]]
    try:
        ids = set_owners(inst, connection_id, *chosen, said, actor=visit.actor)
    except CountersignError as error:
        st.session_state[f"{key}-problem"] = str(error)
        known = owners(inst, connection_id, actor=visit.actor)
        before = [one.owners for one in known if (one.kind, one.resource_id) == chosen]
        ids = [*before[0]] if before else []
    st.session_state[key] = ids
