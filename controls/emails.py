"""What makes two addresses the same, and what is no address: for personnel and for Test 96."""

import unicodedata


def normalise_email(text: str) -> str:
    """How addresses are compared (SPEC 4): trimmed, case-folded, NFKC."""
    # Folding can undo the normal form ("ß" with an accent), hence twice.
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


def is_email(text: str) -> bool:
    """True for exactly one @ with something on either side, without blanks or control characters.

    A zero-width character counts as one: it makes a twin that no eye can tell from the first.
    """
    before, at, after = text.partition("@")
    odd = any(c.isspace() or unicodedata.category(c) in {"Cc", "Cf"} for c in text)
    return bool(before and at and after) and "@" not in after and not odd
