"""The first page's facts: how things stand, and what needs doing next."""

from dataclasses import dataclass, field
from datetime import timedelta

from workflows.connect import ConnectionView
from workflows.errors import CountersignError
from workflows.evaluate import ControlResult, latest_results
from workflows.guard import entry
from workflows.installation import Installation
from workflows.mfa_coverage import MfaCoverage, mfa_coverage
from workflows.my_reviews import MyReview, soonest_due
from workflows.personnel import People, people
from workflows.runs import RunView
from workflows.sync import held_run, latest_published, list_runs, running_run
from workflows.sync_scope import LABELS

OLD = timedelta(hours=36)


@dataclass(frozen=True)
class Todo:
    """Something to do: the fact, and why it matters. severity: a badge's code; action: a verb.

    page is the page's file name without ending, query its parameters.
    """

    severity: str
    fact: str
    reason: str
    action: str
    page: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    """How a connection stands. people, mfa: None before the first publish.

    review: the open campaign that is due first; None where there is none, and in the past.
    """

    connection: ConnectionView
    published: RunView | None
    running: RunView | None
    held: RunView | None
    people: People | None
    people_by_status: dict[str, int]
    outside: int
    results: list[ControlResult]
    mfa: MfaCoverage | None
    review: MyReview | None
    todo: list[Todo]


@entry
def overview(inst: Installation, connection: ConnectionView) -> Overview:
    """Everything that the first page shows, about one published moment."""
    published = latest_published(inst, connection.id)
    running, held = running_run(inst, connection.id), held_run(inst, connection.id)
    found = coverage = None
    if published is not None:
        try:
            found, coverage = people(inst, connection.id), mfa_coverage(inst, connection.id)
        except CountersignError:
            # Published between the two questions: the next look shows it.
            found = coverage = None
    results = latest_results(inst, connection.id)
    review = soonest_due(inst, connection.id) if inst.until is None else None
    counts = (
        {str(k): int(n) for k, n in found.frame["employment_status"].value_counts().items()}
        if found
        else {}
    )
    return Overview(
        connection=connection,
        published=published,
        running=running,
        held=held,
        people=found,
        people_by_status=counts,
        outside=found.outside_domain + found.outside_group if found else 0,
        results=results,
        mfa=coverage,
        review=review,
        todo=_todo(inst, connection, published, running, held, results, found) + _overdue(review),
    )


def _todo(
    inst: Installation,
    connection: ConnectionView,
    published: RunView | None,
    running: RunView | None,
    held: RunView | None,
    results: list[ControlResult],
    found: People | None,
) -> list[Todo]:
    todo = []
    if held is not None:
        said = (held.held or {}).get("sentence", "")
        todo.append(
            Todo("held", f"Run {held.id} waits for your decision", said, "Decide", "sync",
                 {"run": str(held.id)})
        )  # fmt: skip
    last = next(iter(list_runs(inst, connection.id, limit=1)), None)
    if last is not None and last.state == "failed" and last.error:
        todo.append(
            Todo("failed", "The last sync failed", last.error["message"], "Look", "sync",
                 {"run": str(last.id)})
        )  # fmt: skip
    failing = [check for check in connection.preflight if check.state == "fail"]
    if failing:
        of = f"{len(failing)} of {len(connection.preflight)} checks of the connection failed"
        todo.append(Todo("fail", of, failing[0].message, "Fix", "connection"))
    if published is None and running is None:
        todo.append(
            Todo("warn", "Nothing has been read yet", "A sync reads everything once.", "Sync",
                 "sync")
        )  # fmt: skip
    elif running is None and _is_old(inst, published):
        todo.append(
            Todo("warn", "The data is older than 36 hours", "A test on old data says nothing "
                 "about today.", "Sync", "sync")
        )  # fmt: skip
    for result in results:
        if result.needs_work:
            verb = "Review" if result.outcome == "FAILED" else "Why?"
            query = {"control": result.control_id}
            todo.append(
                Todo(result.outcome, result.reason.rstrip("."), result.named(", "), verb,
                     "controls", query)
            )  # fmt: skip
    if published is not None and published.not_read:
        names = ", ".join(LABELS.get(i["resource"], i["resource"]) for i in published.not_read)
        todo.append(
            Todo("warn", f"Not everything could be read: {names}", published.not_read[0]["reason"],
                 "Look", "sync", {"run": str(published.id)})
        )  # fmt: skip
    if found is not None:
        warned = found.frame[found.frame["warnings"].map(bool)]
        if len(warned):
            people_have = "person has" if len(warned) == 1 else "people have"
            fact = f"{len(warned):,} {people_have} a value in Okta that cannot be right"
            reason = warned["warnings"].iloc[0][0]
            todo.append(Todo("warn", fact, reason, "See", "personnel", {"warnings": "true"}))
    return todo


def _overdue(review: MyReview | None) -> list[Todo]:
    """A campaign past its due date."""
    if review is None or review.days_left >= 0 or not review.left:
        return []
    fact = f"The access review “{review.record.name}” is overdue"
    days = -review.days_left
    reason = f"{review.left:,} rows have no decision, {days} day{'' if days == 1 else 's'} late."
    return [Todo("warn", fact, reason, "Remind", "campaigns", {"campaign": str(review.record.id)})]


def _is_old(inst: Installation, published: RunView | None) -> bool:
    at = published.published_at if published is not None else None
    return at is not None and inst.now() - at > OLD
