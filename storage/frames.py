"""Query results as DataFrames, fast: times parsed as columns, never cell by cell."""

from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import UtcTime

TIME: Final = "datetime64[us, UTC]"


def to_frame(conn: Connection, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> pd.DataFrame:
    """The rows of a query: texts as objects, times as datetime64[us, UTC], booleans nullable."""
    inner = query.subquery()
    times = [c.name for c in inner.columns if isinstance(c.type, UtcTime)]
    flags = [c.name for c in inner.columns if isinstance(c.type, sa.Boolean)]
    # SQLite keeps times as text: read as such, and parsed a column at a time below.
    raw = [
        sa.type_coerce(c, sa.String) if c.name in times and conn.dialect.name == "sqlite" else c
        for c in inner.columns
    ]
    names = [c.name for c in inner.columns]
    labelled = [c.label(name) for c, name in zip(raw, names, strict=True)]
    rows = conn.execute(sa.select(*labelled)).fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    data: dict[str, Any] = {}
    for name, values in zip(names, columns, strict=True):
        if name in times:
            parsed = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
            data[name] = parsed.astype(TIME)
        elif name in flags:
            data[name] = pd.array(list(values), dtype="boolean")
        elif isinstance(inner.columns[name].type, sa.Integer | sa.Float | sa.Date):
            data[name] = pd.Series(values, dtype=object if not values else None)
        else:
            data[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(data, columns=names)
