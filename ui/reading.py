"""What of Okta could be read, kind by kind, in the newest published run."""

import pandas as pd
import streamlit as st

from ui.heading import secondary
from ui.texts import md, number
from workflows.runs import RunView

# What it is called, the resources it is read from, and the counts that tell how much there was.
ROWS = (
    ("Users, groups, memberships, group rules",
     ("users", "groups", "memberships", "group_rules"), ("users", "groups", "memberships")),
    ("Factors", ("factors",), ("factors",)),
    ("Administrator roles", ("admin_assignees", "user_roles", "group_roles"), ("admin_roles",)),
    ("Apps and assignments", ("apps", "app_users", "app_groups", "inactive_apps"),
     ("apps", "app_assignments")),
    ("Policies, authenticators, API tokens, schema",
     ("policies", "policy_rules", "authenticators", "api_tokens", "user_schema", "org"), ()),
    ("System log", ("logs",), ()),
)  # fmt: skip
_STATES = {
    "Not permitted": ":gray-badge[:material/block: Not permitted]",
    "Not enabled": ":gray-badge[:material/block: Not enabled]",
}


def draw(run: RunView | None) -> None:
    """The table; nothing before the first publish."""
    if run is None:
        secondary("The first sync shows it.")
        return
    missing = {item["resource"]: item["reason"] for item in run.not_read}
    rows = []
    for name, resources, counted in ROWS:
        # Kinds of policies are told apart: "policies (ACCESS_POLICY)".
        why = [w for r, w in missing.items() if r.split(" (")[0] in resources]
        counts = [(c, run.counts.get(c)) for c in counted]
        if why:
            begins = why[0].split(". ")[0]
            state = _STATES.get(begins, ":orange-badge[:material/warning: In part]")
            last = md(why[0], limit=300)
        elif counts and all(n is None for _, n in counts):
            state, last = ":gray-badge[:material/remove: Off]", "User access review is off"
        else:
            state = ":green-badge[:material/check: Readable]"
            last = ", ".join(f"{number(n)} {c.replace('_', ' ')}" for c, n in counts)
        rows.append((name, state, last or ":gray[–]"))
    st.table(
        pd.DataFrame(rows, columns=["What", "State", "Last time"]), border="horizontal",
        hide_index=True, alt="What of Okta could be read",
    )  # fmt: skip
