"""A run's staged rows against the current ones, as conditions that SQL can answer set by set."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.directory import Kind
from storage.ledgers import COMPARED, KEPT


def sets_of(conn: Connection, about: Kind, run_id: int, connection_id: int) -> "Sets":
    """The sets of a kind, with what the run has said about them."""
    compared = sa.select(sa.func.count()).where(
        COMPARED.c.run_id == run_id, COMPARED.c.kind == about.name
    )
    # Asked for beforehand: a condition that nothing can meet is still looked up for each row.
    kept = sa.select(KEPT.c.column).where(KEPT.c.run_id == run_id, KEPT.c.kind == about.name)
    return Sets(
        about,
        run_id,
        connection_id,
        partial=bool(conn.execute(compared).scalar_one()),
        kept=sorted(conn.execute(kept.distinct()).scalars()),
    )


class Sets:
    """A kind's staged rows against its current ones, as conditions.

    Joined by AND only: an OR between them makes PostgreSQL look each row up by itself.
    """

    def __init__(
        self, about: Kind, run_id: int, connection_id: int, *, partial: bool, kept: Collection[str]
    ):
        self.about, self.partial, self.kept = about, partial, kept
        self.run_id, self.connection_id = run_id, connection_id
        table, staging = about.table, about.staging
        self.ours = staging.c.run_id == run_id
        self.current = sa.and_(table.c.connection_id == connection_id, table.c.valid_to.is_(None))
        self.same_key = sa.and_(*(staging.c[name] == table.c[name] for name in about.key))
        self.staged_anew = sa.exists().where(self.ours, self.same_key)

    def changed(self) -> list[sa.ColumnElement[bool]]:
        """Current rows that are staged with other values."""
        if self.about.only_key:
            return []
        about = self.about
        # From the staged rows to the current ones: those are the few when little was read.
        other = about.table.alias()
        found = sa.select(other.c.id).where(
            self.ours,
            other.c.connection_id == self.connection_id,
            other.c.valid_to.is_(None),
            *(about.staging.c[name] == other.c[name] for name in about.key),
            about.staging.c.row_hash != other.c.row_hash,
        )
        return [about.table.c.id.in_(found)]

    def gone(self) -> list[sa.ColumnElement[bool]]:
        """Current rows that were read anew and are no longer there."""
        table = self.about.table
        gone = sa.and_(~self.staged_anew, *(~kept for kept in self._kept()))
        if not self.partial:
            return [gone]
        mine = sa.and_(COMPARED.c.run_id == self.run_id, COMPARED.c.kind == self.about.name)
        first, *rest = (table.c[name] for name in self.about.scope)
        whole = first.in_(sa.select(COMPARED.c.first).where(mine, COMPARED.c.second == ""))
        conditions = [sa.and_(whole, gone)]
        for second in rest:
            pair = sa.tuple_(first, second).in_(
                sa.select(COMPARED.c.first, COMPARED.c.second).where(mine, COMPARED.c.second != "")
            )
            conditions.append(sa.and_(pair, gone))
        return conditions

    def new(self) -> list[sa.ColumnElement[bool]]:
        """Staged rows that no current row has the key of."""
        return [self.ours, ~sa.exists().where(self.current, self.same_key)]

    def _kept(self) -> list[sa.ColumnElement[bool]]:
        return [
            sa.exists().where(
                KEPT.c.run_id == self.run_id,
                KEPT.c.kind == self.about.name,
                KEPT.c.column == name,
                KEPT.c.value == self.about.table.c[name],
            )
            for name in self.kept
        ]
