"""Words on the screen: hostile text made harmless, dates as people write them, one badge a meaning.

Whatever comes from Okta or from a person goes through `md` before it is a Streamlit label or
Markdown. Cells of st.dataframe are drawn on a canvas and need nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# What Markdown, Streamlit's directives and KaTeX read as more than a character.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&:^=\"'@/])")
# Two rewrites happen after Markdown has taken the backslashes away, on the bare text: bare
# addresses become links, and :names: become icons and emoji. A word joiner, which has no width,
# stands in their way.
_JOINER = "\u2060"
_BARE_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp|www)(?=[:.])")
_NAMED = re.compile(r":(?=[\w+\-])")
_ARROWS = re.compile(r"(?<=[<\-=>])(?=[<\-=>])")
# Marks that turn the reading direction of what follows, also outside the name.
_BIDI = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f"}
_RTL = {"R", "AL"}


def plain(text: object, *, limit: int = 200) -> str:
    """One line of visible text: no control or direction characters, no line breaks, at most limit.

    Control and direction characters are shown by their number, as ‹U+202E›.
    """
    shown = "" if text is None else str(text)
    cut = len(shown) > limit
    out = "".join(_visible(c) for c in shown[:limit])
    return " ".join(out.split()) + ("…" if cut else "")


def md(text: object, *, limit: int = 200) -> str:
    """The text for a Markdown place (labels, captions, headings), shown as it is and never read.

    limit: characters kept; what was cut is replaced by an ellipsis.
    """
    shown = plain(text, limit=limit)
    shown = _BARE_LINK.sub(rf"\1{_JOINER}", shown)
    shown = _NAMED.sub(f":{_JOINER}", shown)
    shown = _ARROWS.sub(_JOINER, shown)
    # An address becomes a link whether its @ is escaped or not.
    shown = shown.replace("@", f"@{_JOINER}")
    shown = _SPECIAL.sub(r"\\\1", shown)
    if any(unicodedata.bidirectional(c) in _RTL for c in shown):
        # Isolated, so that a Hebrew or Arabic name does not reorder the sentence around it.
        shown = f"\u2068{shown}\u2069"
    return shown


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if char in _BIDI or category in ("Cs", "Co", "Cn"):
        return f"‹U+{ord(char):04X}›"
    if category in ("Zl", "Zp") or char in "\n\r\t\v\f":
        return " "
    return f"‹U+{ord(char):04X}›" if category == "Cc" else char


# What Okta's console calls its codes. A code that is not here is shown as it is.
_OKTA_WORDS = {
    "ACTIVE": "Active",
    "DEPROVISIONED": "Deactivated",
    "ENROLLED": "Enrolled",
    "EXPIRED": "Expired",
    "INACTIVE": "Inactive",
    "LOCKED_OUT": "Locked out",
    "NOT_SETUP": "Not set up",
    "PASSWORD_EXPIRED": "Password expired",
    "PENDING_ACTIVATION": "Pending activation",
    "PROVISIONED": "Pending user action",
    "RECOVERY": "Password reset",
    "STAGED": "Staged",
    "SUSPENDED": "Suspended",
    "deleted": "Deleted",
    "left_group": "Left the group",
    "present": "Present",
}


def okta_word(code: object) -> str:
    """A status of Okta's in words, of a user or a factor."""
    return _OKTA_WORDS.get(str(code), plain(code))


def who(actor_id: str) -> str:
    """Who did something, from the id that the store keeps of them."""
    if actor_id == "local-analyst":
        return "Local analyst"
    kind, _, name = actor_id.partition(":")
    return f"{plain(name)} (command line)" if kind == "cli" else plain(actor_id)


def sort_key(name: object) -> str:
    """Where a name stands in a list: letter case, accents and leading signs do not count."""
    letters = str(name)
    if not letters.isascii():
        parts = unicodedata.normalize("NFKD", letters)
        letters = "".join(c for c in parts if not unicodedata.combining(c))
    letters = letters.casefold()
    if letters[:1].isalnum():
        return letters
    return letters.lstrip("".join(c for c in letters if not c.isalnum())) or letters


# The installation's time zone, in which every time is shown (SPEC 3); the frame sets it.
_zone = ZoneInfo("UTC")


def use_zone(name: str) -> None:
    """Show times in this zone from now on: the installation's, the same for everybody."""
    global _zone
    _zone = ZoneInfo(name)


def local(moment: datetime) -> datetime:
    """The moment by the installation's clock."""
    return moment.astimezone(_zone)


def when(moment: datetime | None) -> str:
    """24 Nov 2026, 11:58 UTC. Empty for none."""
    if moment is None:
        return ""
    moment = local(moment)
    return f"{moment.day} {moment:%b %Y, %H:%M %Z}"


def clock(moment: datetime | None, now: datetime) -> str:
    """today 06:12, yesterday 22:10, 22 Nov 02:00, 22 Nov 2025 02:00. Empty for none."""
    if moment is None:
        return ""
    moment, today = local(moment), local(now).date()
    days = (today - moment.date()).days
    if days in (0, 1):
        return f"{('today', 'yesterday')[days]} {moment:%H:%M}"
    year = "" if moment.year == today.year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year} {moment:%H:%M}"


def day(value: date | datetime | None) -> str:
    """24 Nov 2026. Empty for none."""
    return "" if value is None else f"{value.day} {value:%b %Y}"


def exact(moment: datetime | None) -> str:
    """2026-11-24 11:58:03 UTC, for help texts and hovers."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float) -> str:
    """How long: 0.4 s, 42 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def ago(moment: datetime | None, now: datetime) -> str:
    """3 minutes ago, yesterday, 12 days ago; a date from two months on."""
    if moment is None:
        return "never"
    past = now - moment
    if past < timedelta(seconds=45):
        return "just now"
    for limit, unit, one in (
        (timedelta(minutes=60), timedelta(minutes=1), "minute"),
        (timedelta(hours=24), timedelta(hours=1), "hour"),
        (timedelta(days=60), timedelta(days=1), "day"),
    ):
        if past < limit:
            n = max(1, int(past / unit))
            return f"{n} {one}{'' if n == 1 else 's'} ago"
    return f"on {day(moment)}"


def as_of(moment: datetime, run_id: int | None, now: datetime) -> str:
    """As of today 06:12 UTC, from sync run 12."""
    run = "" if run_id is None else f", from sync run {run_id}"
    return f"As of {clock(moment, now)} {local(moment):%Z}{run}"


def number(n: float | None) -> str:
    """12,345. A dash for what was not asked for."""
    return "–" if n is None else f"{n:,.0f}"


def count(n: int, one: str, many: str | None = None) -> str:
    """1 person, 1,204 people."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def share(part: int, whole: int) -> str:
    """97.3% (never rounded up to 100 nor down to 0). A dash when there is nobody."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if part < whole:
        percent = min(percent, 99.9)
    if part > 0:
        percent = max(percent, 0.1)
    return f"{percent:.1f}".removesuffix(".0") + "%"


@dataclass(frozen=True)
class Badge:
    """One meaning: its word, its colour and its icon, the same everywhere (DESIGN.md)."""

    word: str
    color: str
    icon: str

    @property
    def markdown(self) -> str:
        """The badge inside a Markdown text."""
        return f":{self.color}-badge[{self.icon} {self.word}]"


_PASS = ("green", ":material/check_circle:")
_FAIL = ("red", ":material/cancel:")
_WARN = ("orange", ":material/warning:")
_UNKNOWN = ("gray", ":material/help:")
_EXCLUDED = ("blue", ":material/do_not_disturb_on:")

BADGES = {
    # What a finding says
    "PASS": Badge("Pass", *_PASS),
    "FAIL": Badge("Fail", *_FAIL),
    "EXCLUDED": Badge("Excluded", *_EXCLUDED),
    "UNKNOWN": Badge("Unknown", *_UNKNOWN),
    # What a control says
    "PASSED": Badge("Passed", *_PASS),
    "FAILED": Badge("Failed", *_FAIL),
    "ERROR": Badge("Could not tell", *_UNKNOWN),
    "NOT_RUN": Badge("Not run yet", "gray", ":material/hourglass_empty:"),
    # What a check of the connection says
    "pass": Badge("Pass", *_PASS),
    "warn": Badge("Warning", *_WARN),
    "fail": Badge("Fail", *_FAIL),
    "unknown": Badge("Could not tell", *_UNKNOWN),
    "not_needed": Badge("Not needed", "gray", ":material/remove:"),
    # What became of a sync run
    "running": Badge("Running", "blue", ":material/sync:"),
    "held": Badge("Held", "orange", ":material/front_hand:"),
    "published": Badge("Published", *_PASS),
    "failed": Badge("Failed", *_FAIL),
    "cancelled": Badge("Cancelled", "gray", ":material/cancel:"),
    # Where a review campaign stands
    "DRAFT": Badge("Draft", "gray", ":material/edit_note:"),
    "ACTIVE": Badge("Active", "blue", ":material/play_circle:"),
    "late": Badge("Overdue", *_WARN),
    "CLOSED": Badge("Closed", "gray", ":material/lock:"),
    "CANCELLED": Badge("Cancelled", "gray", ":material/block:"),
    # What a reviewer said
    "PENDING": Badge("To decide", "gray", ":material/hourglass_empty:"),
    "KEEP": Badge("Keep", "green", ":material/check:"),
    "REVOKE": Badge("Revoke", "red", ":material/close:"),
    "CHANGE": Badge("Change", "orange", ":material/edit:"),
    "NOT_MINE": Badge("Not mine", "gray", ":material/redo:"),
    "UNDO": Badge("Taken back", "gray", ":material/undo:"),
    # What a reviewer has come to
    "signed": Badge("Signed off", *_PASS),
    "stale": Badge("To sign again", *_WARN),
    "deciding": Badge("Deciding", "gray", ":material/pending:"),
    "waiting": Badge("Not started", "orange", ":material/hourglass_empty:"),
    # What became of a revoke
    "OPEN": Badge("Open", "gray", ":material/hourglass_empty:"),
    "STILL_PRESENT": Badge("Still present", "red", ":material/error:"),
    "STILL_EFFECTIVE": Badge("Still effective", "orange", ":material/alt_route:"),
    "CAME_BACK": Badge("Came back", "red", ":material/undo:"),
    "COULD_NOT_TELL": Badge("Could not tell", "gray", ":material/help:"),
    "VERIFIED_GONE": Badge("Verified gone", *_PASS),
    "WITHDRAWN": Badge("Withdrawn", "gray", ":material/undo:"),
    # Signals on access
    "privileged": Badge("Privileged", "red", ":material/shield:"),
    "new": Badge("New", "violet", ":material/fiber_new:"),
    "came_back": Badge("Came back", "red", ":material/undo:"),
    "leaver": Badge("Leaver", "red", ":material/logout:"),
    "suspended": Badge("Suspended", "orange", ":material/pause_circle:"),
    "contractor_past_end": Badge("Contract ended", "orange", ":material/event_busy:"),
    "weak_mfa": Badge("Weak MFA", "orange", ":material/sms:"),
    "dormant": Badge("No sign-in for 90 days", "orange", ":material/bedtime:"),
    "unlike_peers": Badge("Unlike peers", "orange", ":material/group_off:"),
    # MFA strength, best to worst; “unknown” stands above
    "phishing_resistant": Badge("Phishing-resistant", "green", ":material/verified_user:"),
    "strong": Badge("Strong", "green", ":material/check:"),
    "weak": Badge("Weak", "orange", ":material/sms:"),
    "none": Badge("None", "red", ":material/no_encryption:"),
}


def badge(code: str) -> Badge:
    """The badge for a code; an unknown one is grey and shows its code, never a blank."""
    return BADGES.get(code) or Badge(md(code, limit=40) or "Unknown", *_UNKNOWN)
