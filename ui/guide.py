"""The five steps in the Okta console, to be followed in another tab beside the form."""

import streamlit as st

STEPS = (
    (
        "Create a service account",
        "**Directory > People > Add person.** An account of its own, like "
        "`countersign@your-domain`: a key dies with the account that made it.",
    ),
    (
        "Give it only reading roles",
        "**Security > Administrators > Add administrator.** Read-only Administrator. To read "
        "admin roles too, create under **Roles** a custom role with “View roles, resources, and "
        "admin assignments” and add it.",
    ),
    (
        "Create the API token as that account",
        "Sign in as the service account, then **Security > API > Tokens > Create token**. "
        "Restrict it to the network zone of this server. It expires after 30 days without use.",
    ),
    (
        "Create the application for sign-in (later, if you like)",
        "**Applications > Create App Integration > OIDC, Web Application.** Assign the people who "
        "review, and copy client ID and secret from **General**. Register these addresses:",
    ),
    (
        "Grant one scope to the application",
        "**Applications > your app > Okta API Scopes**: grant `okta.users.read.self`, then reload "
        "that page to see that it stayed.",
    ),
)


_APPLICATION = 4
_ADDRESSES = (
    ("Sign-in redirect URI", "/callback"),
    ("Sign-out redirect URI", "/signed-out"),
    ("Initiate login URI", "/login/initiate"),
)


def draw(base_url: str) -> None:
    """The steps, in order. base_url: where people open the app."""
    st.subheader("In the Okta console")
    for number, (title, text) in enumerate(STEPS, 1):
        with st.container(border=True):
            st.markdown(f"**{number}. {title}**  \n{text}")
            if number == _APPLICATION:
                for label, path in _ADDRESSES:
                    # As code: to be copied as it is, without the marks that tame a text.
                    st.caption(label)
                    st.code(f"{base_url}{path}", language=None)
