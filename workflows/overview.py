"""The first page's facts: how things stand, and what needs doing next."""

from dataclasses import dataclass, field
from datetime import timedelta

from workflows.connect import ConnectionView
from workflows.errors import CountersignError
from workflows.evaluate import ControlResult, latest_results
from workflows.guard import entry
from workflows.installation import Installation
from workflows.mfa_coverage import MfaCoverage, mfa_coverage
from workflows.personnel import People, people
from workflows.runs import RunView
from workflows.sync import held_run, latest_published, list_runs, running_run
from workflows.sync_scope import LABELS

OLD = timedelta(hours=36)


@dataclass(frozen=True)
class Todo:
    """Something to do. severity: a badge's code; action: the words of the link that leads there.

    page is the page's file name without ending, query its parameters.
    """

    severity: str
    text: str
    action: str
    page: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    """How a connection stands. people, mfa: None before the first publish."""

    connection: ConnectionView
    published: RunView | None
    running: RunView | None
    held: RunView | None
    people: People | None
    people_by_status: dict[str, int]
    outside: int
    results: list[ControlResult]
    mfa: MfaCoverage | None
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
        todo=_todo(inst, connection, published, running, held, results, found),
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
            Todo("held", f"Run {held.id} waits for your decision. {said}".strip(), "Decide", "sync",
                 {"run": str(held.id)})
        )  # fmt: skip
    last = next(iter(list_runs(inst, connection.id, limit=1)), None)
    if last is not None and last.state == "failed" and last.error:
        text = f"The last sync failed: {last.error['message']}"
        todo.append(Todo("failed", text, "See the run", "sync", {"run": str(last.id)}))
    failing = sum(check.state == "fail" for check in connection.preflight)
    if failing:
        text = f"{failing} of {len(connection.preflight)} checks of the connection failed."
        todo.append(Todo("fail", text, "See the checks", "connection"))
    if published is None and running is None:
        todo.append(Todo("warn", "Nothing has been read yet.", "Sync for the first time", "sync"))
    elif running is None and _is_old(inst, published):
        todo.append(Todo("warn", "The data is older than 36 hours.", "Sync", "sync"))
    for result in results:
        if result.needs_work:
            text = f"{result.named(', ')}: {result.reason}"
            action = f"See the {result.failed:,}" if result.outcome == "FAILED" else "See why"
            query = {"control": result.control_id}
            todo.append(Todo(result.outcome, text, action, "controls", query))
    if published is not None and published.not_read:
        names = ", ".join(LABELS.get(i["resource"], i["resource"]) for i in published.not_read)
        text = f"Not everything could be read: {names}."
        query = {"run": str(published.id)}
        todo.append(Todo("warn", text, "See what is missing", "sync", query))
    if found is not None:
        warned = int(found.frame["warnings"].map(bool).sum())
        if warned:
            people_have = "person has" if warned == 1 else "people have"
            text = f"{warned:,} {people_have} a date in Okta that cannot be right."
            action = "See them" if warned > 1 else "See who"
            todo.append(Todo("warn", text, action, "personnel", {"warnings": "true"}))
    return todo


def _is_old(inst: Installation, published: RunView | None) -> bool:
    at = published.published_at if published is not None else None
    return at is not None and inst.now() - at > OLD
