"""Pages before and beside the app: sign in, signed out, refused. Plain HTML, no script.

Whatever is put into them is escaped here, in one place.
"""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import HTMLResponse

_IMAGES = Path(__file__).parent / "images"


@dataclass(frozen=True)
class Link:
    """A way on. href: an address of ours."""

    label: str
    href: str


def page(
    title: str, *paragraphs: str, links: Sequence[Link] = (), status: int = 200
) -> HTMLResponse:
    """A page with a heading, some sentences and at most a few ways on."""
    text = "".join(f"<p>{html.escape(p)}</p>" for p in paragraphs if p)
    ways = "".join(
        f'<a href="{html.escape(link.href)}">{html.escape(link.label)}</a>' for link in links
    )
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="{_data("icon.png", "image/png")}">'
        f"<title>{html.escape(title)} · Countersign</title><style>{_STYLE}</style></head><body>"
        f'<main><picture><source srcset="{_data("logo-dark.svg", "image/svg+xml")}" '
        f'media="(prefers-color-scheme: dark)">'
        f'<img src="{_data("logo-light.svg", "image/svg+xml")}" alt="Countersign">'
        f"</picture><h1>{html.escape(title)}</h1>{text}<nav>{ways}</nav></main></body></html>",
        status,
    )


@cache
def _data(picture: str, kind: str) -> str:
    """A picture inside the page: no other request is answered without a session."""
    return f"data:{kind};base64,{base64.b64encode((_IMAGES / picture).read_bytes()).decode()}"


# The colours of .streamlit/config.toml.
_STYLE = """
:root { color-scheme: light dark; --text: #17202B; --back: #F4F6F8; --card: #FFFFFF;
  --line: #D5DBE3; --accent: #155E75; --on-accent: #FFFFFF }
@media (prefers-color-scheme: dark) { :root { --text: #E6EBF1; --back: #12181F; --card: #1C242E;
  --line: #344050; --accent: #67C3DA; --on-accent: #12181F } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main { box-sizing: border-box; width: min(30rem, 100vw - 2rem); padding: 2rem;
  border: 1px solid var(--line); border-radius: 6px; background: var(--card) }
img { height: 2rem } h1 { font-size: 1.3rem; margin: 1.2rem 0 .4rem }
nav { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1.2rem }
a { padding: .5rem .9rem; border-radius: 6px; background: var(--accent); color: var(--on-accent);
  text-decoration: none } a:focus-visible { outline: 2px solid var(--text); outline-offset: 2px }
"""
