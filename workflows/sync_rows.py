"""Rows of everybody, packed: a dict of 33 columns for each of 50,000 people is most of it dict."""

from collections.abc import Iterator, MutableMapping
from datetime import datetime
from typing import Any

Row = dict[str, Any]

# Columns whose values are hardly ever anybody else's too.
OWN = {"user_id", "login", "email", "display_name", "employee_number", "profile"}


class PackedRows(MutableMapping[str, Row]):
    """Rows by id, kept as tuples, each text once. What it gives is a copy: put it back to change.

    All rows have the columns of the first.
    """

    def __init__(self) -> None:
        self._columns: tuple[str, ...] = ()
        self._rows: dict[str, tuple[Any, ...]] = {}
        self._kept: dict[Any, Any] = {}

    def __setitem__(self, ident: str, row: Row) -> None:
        if not self._columns:
            self._columns = tuple(row)
        self._rows[ident] = tuple(
            row[name] if name in OWN else self._once(row[name]) for name in self._columns
        )

    def __getitem__(self, ident: str) -> Row:
        return dict(zip(self._columns, self._rows[ident], strict=True))

    def __delitem__(self, ident: str) -> None:
        del self._rows[ident]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, ident: object) -> bool:
        return ident in self._rows

    def clear(self) -> None:
        """Nobody any more, and none of their texts."""
        self._rows.clear()
        self._kept.clear()

    def _once(self, value: Any) -> Any:
        """The same object for the same short text or time: few are anybody's own."""
        if isinstance(value, datetime | str):
            return self._kept.setdefault(value, value)
        return value
