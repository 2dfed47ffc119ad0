"""Colours: one meaning each, seen on both backgrounds, and apart for the colour-blind."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from ui import palette
from ui.texts import BADGES

ROOT = Path(__file__).resolve().parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
# Machado, Oliveira and Fernandes 2009, at full severity, on linear RGB.
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}


def linear(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def luminance(color):
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(color, seen):
    red, green, blue = linear(color)
    r, g, b = (min(1, max(0, m[0] * red + m[1] * green + m[2] * blue)) for m in seen)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("strength", palette.STRENGTHS)
def test_every_strength_is_seen_on_light_and_on_dark(strength):
    for mode in ("light", "dark"):
        assert contrast(palette.STRENGTH_COLORS[strength], THEME[mode]["backgroundColor"]) >= 2


@pytest.mark.parametrize("eyes", DEFICIENCIES)
def test_neighbours_on_the_scale_stay_apart_for_the_colour_blind(eyes):
    for one, other in pairwise(palette.STRENGTHS):
        a, b = (lab(palette.STRENGTH_COLORS[s], DEFICIENCIES[eyes]) for s in (one, other))
        assert sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 > 20, (one, other)


def test_cells_have_the_colours_of_the_badges():
    for name, color in palette.HEX.items():
        assert THEME["light"][f"{name}Color"].upper() == color


@pytest.mark.parametrize("code", [*BADGES, "something new"])
def test_no_pill_speaks_by_colour_alone(code):
    made = palette.pill(code)
    assert made.word
    assert made.color in palette.HEX


def test_each_strength_has_its_own_colour_and_word():
    pills = palette.STRENGTH_PILLS
    assert [p.word for p in pills] == [
        "Phishing-resistant", "Strong", "Weak", "None", "Unknown",
    ]  # fmt: skip
    assert len({p.color for p in pills}) == len(pills)
