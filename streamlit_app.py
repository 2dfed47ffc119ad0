"""The front door: `streamlit run streamlit_app.py`, from any folder.

The app is ui/frame.py behind the routes, headers and guard of ui/server.py.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from ui import access, server  # noqa: E402

app = st.App(
    ROOT / "ui" / "frame.py",
    routes=server.routes(),
    middleware=server.middleware(),
    lifespan=server.lifespan,
    on_script_error=access.show_error,
)
