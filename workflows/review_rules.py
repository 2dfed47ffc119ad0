"""Where a rule of controls/reviewing.py says no, a refusal that a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

from controls.reviewing import Refused
from workflows.errors import RuleRefused


@contextmanager
def rules() -> Iterator[None]:
    """Raise RuleRefused for whatever rule says no inside."""
    try:
        yield
    except Refused as error:
        raise RuleRefused(str(error), code=error.code, field=error.field) from None
