"""What makes two addresses the same, and what is no address: for personnel and for Test 96."""

import re
import unicodedata

# One @, something before it, a dotted or bare host after it (AD imports bring ".local" names).
_EMAIL = re.compile(r"^[^@\s\x00-\x1f<>(),;:\"\[\]\\]{1,64}@[^@\s\x00-\x1f<>(),;:\"\[\]\\]{1,253}$")


def normalise_email(text: str) -> str:
    """How addresses are compared (SPEC 4): trimmed, case-folded, NFKC."""
    # Folding can undo the normal form ("ß" with an accent), hence twice.
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


def is_email(text: str) -> bool:
    """True for what can be an e-mail address, after normalisation."""
    host = text.rpartition("@")[2]
    # Not printable: a zero-width blank would make a twin that no eye can tell from the first.
    good = text.isprintable() and bool(_EMAIL.match(text))
    return good and not host.startswith(".") and ".." not in text
