"""The script that Streamlit runs for every visitor: what frames a page, and which pages there are.

It lies in ui/ so that no pages/ folder is beside it, which Streamlit would serve unframed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from ui import access, as_of, locked, places, visitor_card  # noqa: E402

IMAGES = ROOT / "ui" / "images"

st.set_page_config(
    page_title="Countersign", page_icon=IMAGES / "icon.png", layout="wide",
    initial_sidebar_state=228,
)  # fmt: skip
came = access.visitor_or_error()
if came.actor is not None:
    # Without a session the picture itself would be refused.
    dark = st.context.theme.type == "dark"
    st.logo(
        str(IMAGES / ("logo-dark.svg" if dark else "logo-light.svg")),
        icon_image=str(IMAGES / "icon.png"),
        size="large",
    )
page = st.navigation(
    places.navigation(
        lambda role: access.may_open(came.actor, role), connected=access.is_connected(came.actor)
    ),
    position="sidebar" if came.actor else "hidden",
    expanded=True,
)
if came.reason == "error":
    st.stop()
access.forget_others(came)
access.frame_ran(page.url_path)
path = f"/{page.url_path}"

with access.shown_errors():
    if came.actor is None:
        locked.draw(came, path=path)
        st.stop()
    if path == "/" and not access.may_open(came.actor, "auditor"):
        places.go(places.landing())
    access.keep_time()
    as_of.follow(path)
    visit = access.visit_of(came.actor)
    with st.sidebar:
        visitor_card.draw(visit, page=path)
    as_of.banner(visit)
    access.show_note()
    page.run()
