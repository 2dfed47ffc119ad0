"""What people see on the way in and out, in words."""

from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from ui.plain_pages import Link, page
from workflows.sign_in import SignInState


def sign_in_page(state: SignInState, *, next: str, note: str = "") -> HTMLResponse:
    """The way in, with a button for each Okta. Keeps where the person wanted to go."""
    several = len(state.offers) > 1
    links = []
    for offer in state.offers:
        query = {"next": next} | ({"connection": str(offer.connection_id)} if several else {})
        label = f"Sign in with Okta ({offer.host})" if several else "Sign in with Okta"
        links.append(Link(label, f"/login?{urlencode(query)}"))
    where = "" if several else f"You sign in at {state.offers[0].host}."
    answer = page("Sign in", note, where, links=links, status=401)
    answer.headers["Vary"] = "Cookie"
    return answer


def signed_out_page() -> HTMLResponse:
    """After the sign-out."""
    return page(
        "You are signed out",
        "Your session has ended in every tab of this browser.",
        links=[Link("Sign in again", "/")],
    )


def refused_page(message: str, action: str, *, status: int) -> HTMLResponse:
    """A sign-in that was turned away."""
    return page("This did not work", message, action, links=[Link("Sign in", "/")], status=status)


def confirm_sign_out_page() -> HTMLResponse:
    """Another site sent the browser here: the person must mean it."""
    return page(
        "Sign out?",
        "Another site asked to sign you out.",
        links=[Link("Sign out", "/logout"), Link("Stay signed in", "/")],
    )


def slow_down_page(seconds: int) -> HTMLResponse:
    """Too many sign-ins from one address."""
    answer = page(
        "Too many sign-ins",
        f"There were too many from your address. Try again in {seconds} seconds.",
        links=[Link("Sign in", "/")],
        status=429,
    )
    answer.headers["Retry-After"] = str(seconds)
    return answer
