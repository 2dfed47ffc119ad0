"""Lists and files: nothing in a file runs in a spreadsheet."""

import csv
import io
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import tables


@pytest.mark.parametrize(
    "text", ["=cmd()", "+1", "-1", "@x", "\t=x", " =x", '"=x', "＝cmd()", "\u00a0=x", "\r=x", "|x"]
)
def test_what_begins_like_a_formula_is_disarmed(text):
    assert tables.disarm(text) == f"'{text}"


@given(st.text(max_size=20))
def test_no_cell_of_a_file_begins_like_a_formula(text):
    made = tables.csv(pd.DataFrame({"name": [text]})).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(made, newline="")))[1:]
    first = cell[0][0] if cell and cell[0] else ""
    start = unicodedata.normalize("NFKC", first).lstrip(' \u00a0"\ufeff\u200b')
    assert not start.startswith(("=", "+", "-", "@", "\t"))


def test_ordinary_texts_numbers_and_lists_stay_as_they_are():
    frame = pd.DataFrame({"name": ["Ada O'Neil"], "count": [3], "fields": [["a", "b"]]})
    made = tables.csv(frame).decode("utf-8-sig").splitlines()
    assert made == ["name,count,fields", 'Ada O\'Neil,3,"a, b"']


def test_cells_show_direction_marks_and_make_no_icons_of_names():
    frame = pd.DataFrame({"name": ["\u202eevil", ":material/delete: Bob", "Ada"], "n": [1, 2, 3]})
    shown = tables.readable(frame)
    assert list(shown["name"]) == ["‹U+202E›evil", "\u2060:material/delete: Bob", "Ada"]
    assert list(shown["n"]) == [1, 2, 3]
    assert frame["name"].iloc[0] == "\u202eevil"


def test_a_coloured_word_keeps_its_word_and_an_unknown_one_is_shown():
    shown = tables.readable(pd.DataFrame({"Outcome": ["Fail", "Pass", "Odd", ""]}), {"Outcome"})
    assert list(shown["Outcome"]) == [["Fail"], ["Pass"], ["Odd"], []]
