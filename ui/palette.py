"""The colours: one meaning each, in charts, tables and badges alike, on light and on dark.

Badges and the cells of tables take the theme's colours by name (.streamlit/config.toml). Charts
need numbers, which stand here.
"""

from dataclasses import dataclass

from ui.texts import badge

# From best to worst, the one scale of MFA strength (look.md): neighbours stay apart for the
# colour-blind, and every colour from both backgrounds. Pale ones need a number beside or in them.
STRENGTHS = ("phishing_resistant", "strong", "weak", "none", "unknown")
STRENGTH_COLORS = {
    "phishing_resistant": "#1B7F50",
    "strong": "#5DBB8C",
    "weak": "#D98A1A",
    "none": "#D13C48",
    "unknown": "#8A92A1",
}
# What is written on them.
STRENGTH_INK = {
    "phishing_resistant": "#FFFFFF",
    "strong": "#1A1F2B",
    "weak": "#1A1F2B",
    "none": "#FFFFFF",
    "unknown": "#FFFFFF",
}
ACCENT = "#6366F1"
# Words and numbers in charts, where Streamlit's own grey is too pale to read.
INK = {"light": "#525A68", "dark": "#A9B1BF"}
HEX = {
    "green": "#1F8A57",
    "red": "#D13C48",
    "orange": "#D98A1A",
    "blue": "#1C7ED0",
    "gray": "#7A8291",
    "violet": "#6D5BD0",
}


def strength_word(strength: str) -> str:
    """What a strength is called everywhere."""
    return "Unknown" if strength == "unknown" else badge(strength).word


@dataclass(frozen=True)
class Pill:
    """A coloured word in a table's cell. color: a colour of the theme's by name, or a number."""

    word: str
    color: str


def pill(code: str) -> Pill:
    """The pill for a code that has a badge: the same word in the same colour."""
    meaning = badge(code)
    return Pill(meaning.word, meaning.color)


# The best one stands out whole, as on the charts; the others are tinted.
STRENGTH_PILLS = tuple(
    Pill(strength_word(s), STRENGTH_COLORS[s] if s == "phishing_resistant" else badge(s).color)
    for s in STRENGTHS
)
# A status that is nothing unusual is a word on paper.
PLAIN = "#FFFFFF00"
