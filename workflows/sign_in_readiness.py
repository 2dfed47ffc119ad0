"""What must be true before "Sign in with Okta" is switched on, and what still stands in the way."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from okta_client.preflight import Check
from workflows.settings import PROJECT

# Checks that must pass, and those that must not have found anything wrong (SPEC 1, 14-18).
_MUST_PASS = ("sign_in", "client", "older_sign_in")
_MUST_NOT_WARN = ("self_scope",)


def missing(checks: Sequence[Check]) -> str | None:
    """What keeps sign-in off, in sentences with what to do; None when nothing does."""
    said = {check.id: check for check in checks}
    wanting = [said[name] for name in _MUST_PASS if name in said and said[name].state != "pass"]
    wanting += [
        said[name]
        for name in _MUST_NOT_WARN
        if name in said and said[name].state in {"warn", "fail"}
    ]
    if not wanting:
        return None
    return " ".join(f"{check.message} {check.action}".strip() for check in wanting)


def older_sign_in() -> str:
    """The sign-in of Streamlit's own that is still configured: where; empty when none is."""
    for folder in dict.fromkeys((Path.cwd(), PROJECT, Path.home())):
        path = folder / ".streamlit" / "secrets.toml"
        try:
            configured = "auth" in tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            # Unreadable here is unreadable to Streamlit, which then offers no sign-in either.
            continue
        if configured:
            return f"a generic OpenID provider in {path}"
    return ""
