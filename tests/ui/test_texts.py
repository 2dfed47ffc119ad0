"""Words on the screen: hostile text is shown as it is; numbers never round to a lie."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ui.texts import badge, md, okta_word, plain, share, sort_key, who


@given(st.text(max_size=60))
def test_nothing_in_a_text_is_left_that_markdown_would_read(text):
    shown = md(text)
    bare = shown.replace("\\\\", "")
    for special in "*_`[]<>$:~|!#":
        assert f"\\{special}" in bare or special not in bare.replace(f"\\{special}", "")
    assert "\n" not in shown


@given(st.text(max_size=60))
def test_control_and_direction_characters_are_made_visible(text):
    shown = plain(text)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b")


def test_a_long_text_is_cut_with_an_ellipsis():
    assert len(plain("x" * 10_000)) == 201


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, "–"), (0, 5, "0%"), (5, 5, "100%"), (9999, 10_000, "99.9%"), (1, 10_000, "0.1%"),
     (424, 448, "94.6%")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_all_or_nothing(part, whole, shown):
    assert share(part, whole) == shown


def test_an_unknown_code_gets_a_grey_badge_with_its_own_name():
    assert (badge("NEW_STATE").word, badge("NEW_STATE").color) == ("NEW\\_STATE", "gray")


@pytest.mark.parametrize("page", ["overview", "personnel", "mfa_coverage", "controls", "sync",
                                  "connection"])  # fmt: skip
def test_a_page_reached_without_the_frame_shows_nothing(page):
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    shown = AppTest.from_file(str(root / "pages" / f"{page}.py"), default_timeout=120).run()
    assert [e.value for e in shown.error] == [
        "This page opens only inside the app. [Open the app](/)"
    ]
    assert not shown.title
    assert not shown.markdown


def test_names_sort_as_people_sort_them():
    names = ["Zoë", "zara", "Áron", "<img src=x>", "Adam", "(Ben)", "Émile", "!!!"]
    expected = ["!!!", "Adam", "Áron", "(Ben)", "Émile", "<img src=x>", "zara", "Zoë"]
    assert sorted(names, key=sort_key) == expected


@given(st.text(max_size=30))
def test_a_name_sorts_the_same_however_its_accents_are_written(name):
    composed, apart = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert sort_key(composed) == sort_key(apart)


def test_a_status_of_okta_is_words_and_an_unknown_one_itself():
    assert okta_word("PASSWORD_EXPIRED") == "Password expired"
    assert okta_word("HIBERNATING") == "HIBERNATING"
    assert okta_word("a\u202eb") == "a‹U+202E›b"


def test_who_did_it_is_told_in_words():
    assert who("local-analyst") == "Local analyst"
    assert who("cli:root") == "root (command line)"
    assert who("schedule") == "schedule"
