"""The colours: one meaning each, in charts, tables and badges alike, on light and on dark.

Badges take the theme's colours by name (.streamlit/config.toml). Charts and the cells of tables
need numbers, which stand here.
"""

from dataclasses import dataclass

from ui.texts import badge

# From best to worst, the one scale of MFA strength. Chosen so that neighbours stay apart for the
# colour-blind, and every colour from both backgrounds.
STRENGTHS = ("phishing_resistant", "strong", "weak", "none", "unknown")
STRENGTH_COLORS = {
    "phishing_resistant": "#14775A",
    "strong": "#4CC49A",
    "weak": "#EFA40A",
    "none": "#C02626",
    "unknown": "#8A97A8",
}
HEX = {
    "green": "#16803C",
    "red": "#C42B2B",
    "orange": "#B45309",
    "blue": "#2563EB",
    "gray": "#64748B",
}
# Cells cannot hold the badges' icons; a mark says the same without colour.
_MARKS = {
    ":material/check_circle:": "✓",
    ":material/cancel:": "✗",
    ":material/warning:": "!",
    ":material/help:": "?",
    ":material/block:": "–",
    ":material/sync:": "…",
    ":material/verified_user:": "✓✓",
    ":material/shield:": "✓",
    ":material/gpp_maybe:": "!",
    ":material/gpp_bad:": "✗",
}


def strength_word(strength: str) -> str:
    """What a strength is called everywhere."""
    return "Unknown" if strength == "unknown" else badge(strength).word


@dataclass(frozen=True)
class Pill:
    """A coloured word in a table's cell: the word of its badge, with a mark before it."""

    word: str
    text: str
    color: str


def pill(code: str) -> Pill:
    """The pill for a code that has a badge."""
    meaning = badge(code)
    mark = _MARKS.get(meaning.icon, "")
    return Pill(meaning.word, f"{mark} {meaning.word}".strip(), HEX[meaning.color])


def strength_pill(strength: str) -> Pill:
    """The pill for a strength, in the colour that it has in charts."""
    word = strength_word(strength)
    mark = _MARKS[badge(strength).icon]
    return Pill(word, f"{mark} {word}", STRENGTH_COLORS[strength])


STRENGTH_PILLS = tuple(map(strength_pill, STRENGTHS))
