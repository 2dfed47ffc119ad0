"""Who can sign in and how well: MFA by strength and type, now and over time (SPEC 4, Test 86)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from controls import mfa
from storage import results
from workflows.guard import entry
from workflows.installation import Installation
from workflows.snapshot import moment

STRENGTHS = mfa.STRENGTHS
COVERED = ("phishing_resistant", "strong", "weak")


@dataclass(frozen=True)
class MfaCoverage:
    """Who can sign in and how well. people: in scope, with strength and factor_types (tuples).

    factor_strength: what each factor type in use counts as. Factors of people whose factors could
    not be read this time say nothing about today, and are left out. not_counted: current people
    whose Okta status does not let them sign in.
    """

    people: pd.DataFrame
    factor_strength: dict[str, str]
    trend: pd.DataFrame
    as_of: datetime
    run_id: int
    not_counted: int

    @property
    def counts(self) -> dict[str, int]:
        """How many people have which strength."""
        found = self.people["strength"].value_counts()
        return {strength: int(found.get(strength, 0)) for strength in STRENGTHS}

    @property
    def covered(self) -> int:
        """How many have MFA of any strength."""
        return sum(self.counts[strength] for strength in COVERED)


@entry
def mfa_coverage(
    inst: Installation, connection_id: int, *, as_of: datetime | None = None
) -> MfaCoverage:
    """Everybody who can sign in with the strength of their MFA, and how it has gone."""
    found = moment(inst, connection_id, as_of=as_of)
    people = mfa.in_scope(found.snapshot.people).reset_index(drop=True)
    people["factor_types"] = pd.Series(
        [
            () if strength == "unknown" else types
            for strength, types in zip(people["strength"], people["factor_types"], strict=True)
        ],
        people.index,
        dtype=object,
    )
    history = results.history(inst.database, connection_id, mfa.TEST_86.id, until=inst.until)
    trend = pd.DataFrame(
        [_trend_row(row) for row in history if as_of is None or row["as_of"] <= as_of],
        columns=["as_of", "run_id", "in_scope", "covered", *STRENGTHS],
    )
    kinds = found.snapshot.factors[["factor_type", "provider"]].drop_duplicates()
    factor_strength = {
        mfa.factor_name(kind or "without a type", provider): mfa.strength_of(kind)
        for kind, provider in zip(kinds["factor_type"], kinds["provider"], strict=True)
    }
    current = int(found.snapshot.people["current"].sum())
    return MfaCoverage(
        people, factor_strength, trend, found.snapshot.as_of, found.run.id, current - len(people)
    )


def by_group(people: pd.DataFrame, column: str) -> pd.DataFrame:
    """For each value of a column: people, covered and how many have which strength.

    The groups with most people without MFA come first, then the largest.
    """
    counted = pd.crosstab(people[column], people["strength"]).reindex(
        columns=list(STRENGTHS), fill_value=0
    )
    counted["people"] = counted.sum(axis=1)
    counted["covered"] = counted[list(COVERED)].sum(axis=1)
    counted = counted.reset_index()
    return counted.sort_values(
        ["none", "people", column], ascending=[False, False, True], kind="stable"
    ).reset_index(drop=True)


def _trend_row(row: dict[str, Any]) -> dict[str, Any]:
    strength = row["summary"]["strength"]
    return {
        "as_of": row["as_of"],
        "run_id": row["run_id"],
        "in_scope": row["in_scope"],
        "covered": sum(strength[name] for name in COVERED),
        **strength,
    }
