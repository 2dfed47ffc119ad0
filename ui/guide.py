"""The five steps in the Okta console, to be followed in another tab beside the form."""

import streamlit as st

from ui.heading import card_title, secondary

# Title, menu path, what to do; in the order in which the console wants them.
STEPS = (
    (
        "Create a service account",
        "Directory › People › Add person",
        ("An account of its own, like *countersign@your-domain*: a key dies with the account that "
         "made it.",),
    ),
    (
        "Give it the least role",
        "Security › Administrators › Add administrator",
        ("Role *Read-only Administrator* for the service account.",
         "For access reviews and admin roles also a custom role with *View roles, resources, and "
         "admin assignments*."),
    ),
    (
        "Create the API key",
        "Security › API › Tokens › Create token",
        ("Sign in as the service account first.",
         "Restrict the token to the network zone of this server. It ends after 30 idle days."),
    ),
    (
        "Add the sign-in app",
        "Applications › Create App Integration › OIDC, Web Application",
        ("Assign the people who review.",
         "Copy client ID and secret from *General*, and register these addresses:"),
    ),
    (
        "Grant the scope",
        "Applications › your app › Okta API Scopes",
        ("Grant *okta.users.read.self*, then reload that page to see that it stayed.",),
    ),
)  # fmt: skip
_APPLICATION = 4
_ADDRESSES = (
    ("Sign-in redirect URI", "/callback"),
    ("Sign-out redirect URI", "/signed-out"),
    ("Initiate login URI", "/login/initiate"),
)
_DONE = "guide-done"


def draw(base_url: str) -> None:
    """The steps, in order. base_url: where people open the app."""
    done: set[int] = st.session_state.setdefault(_DONE, set())
    card_title("In the Okta console", f"{len(done)} of {len(STEPS)} done")
    following = next((n for n in range(1, len(STEPS) + 1) if n not in done), None)
    for number, (title, path, todo) in enumerate(STEPS, 1):
        mark = (
            ":green[:material/check_circle:]" if number in done else f":material/counter_{number}:"
        )
        name = title if number in done else f"**{title}**"
        with st.expander(f"{mark} {name}", expanded=number == following):
            secondary(path)
            st.markdown("\n".join(f"{n}. {text}" for n, text in enumerate(todo, 1)))
            if number == _APPLICATION:
                for label, address in _ADDRESSES:
                    # As code: to be copied as it is, without the marks that tame a text.
                    secondary(label)
                    st.code(f"{base_url}{address}", language=None)
            st.button(
                "Not done" if number in done else "Done", key=f"guide-{number}", type="tertiary",
                icon=":material/check:", on_click=_toggle, args=(number,),
            )  # fmt: skip


def _toggle(number: int) -> None:
    st.session_state[_DONE] ^= {number}
