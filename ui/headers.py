"""The headers that Streamlit does not send, a strict content policy among them."""

import base64
import functools
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import callers


class SecurityHeaders:
    """Adds the headers to every answer, refusals included."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if not scope["path"].startswith("/static/"):
                    # What is personal stays in no cache, on disk or in between.
                    headers["Cache-Control"] = "no-store"
                caller = callers.caller_of(scope)
                if caller.local:
                    headers["Content-Security-Policy"] = _content_policy("'unsafe-eval'")
                if caller.secure:
                    headers["Strict-Transport-Security"] = HSTS
                    _secure_cookies(message)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _secure_cookies(message: Message) -> None:
    """Streamlit sets its XSRF cookie without Secure behind a proxy."""
    message["headers"] = [
        (name, value + b"; Secure")
        if name.lower() == b"set-cookie" and b"secure" not in value.lower()
        else (name, value)
        for name, value in message["headers"]
    ]


@functools.cache
def _content_policy(*more: str) -> str:
    """`more`: what scripts may also come from. For who looks from this computer itself that is
    eval, by which tools that drive a browser wait for what it shows; nobody else has it.
    """
    # Streamlit's page has one small inline script; its hash lets in that script and no other.
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.S)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    scripts = " ".join(["'self'", *(f"'sha256-{h}'" for h in hashes), *more])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",  # Streamlit and Plotly style elements directly
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


HSTS = "max-age=31536000"
HEADERS = {
    "Content-Security-Policy": _content_policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex",
}
