"""What commands print: tables and bars for people, documents for scripts."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from workflows import connect as connecting
from workflows import evaluate
from workflows.installation import Installation
from workflows.runs import RunView

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class progress:  # noqa: N801 - used like a function
    """A bar on standard error with what is being read and how long it may still take."""

    def __enter__(self) -> Callable[[RunView], None]:
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(), console=err, transient=True,
        )  # fmt: skip
        self.task = self.bar.add_task("Starting", total=None, note="")
        self.bar.start()
        return self.show

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def show(self, run: RunView) -> None:
        resources = run.progress.get("resources", [])
        total, done = (sum(r[name] for r in resources) for name in ("total", "done"))
        left = run.progress.get("seconds_left")
        note = f"{run.progress.get('requests', 0):,} requests"
        note += f", about {left:.0f} s left" if left else ""
        self.bar.update(
            self.task,
            description=run.progress.get("sentence", "Starting"),
            total=total or None,
            completed=done,
            note=note,
        )


def checks_document(checks: list[connecting.Check]) -> list[dict[str, Any]]:
    """Checks as the JSON document lists them (SPEC 8). What is not needed passes, and says so."""
    outcomes = {"unknown": "could_not_tell", "not_needed": "pass"}
    return [
        {
            "number": check.number,
            "name": check.title,
            "outcome": outcomes.get(check.state, check.state),
            "blocking": check.blocking,
            "message": check.message,
            "todo": check.action,
        }
        for check in checks
    ]


def result_document(
    inst: Installation, result: evaluate.ControlResult, everything: bool
) -> dict[str, Any]:
    """A control's result as the JSON document has it."""
    findings = evaluate.findings(inst, result.result_id) if result.result_id else None
    rows = [] if findings is None else findings.to_dict("records")
    return {
        "control": result.control_id,
        "test": result.test,
        "title": result.title,
        "outcome": result.outcome,
        "message": result.reason,
        "as_of": None if result.as_of is None else result.as_of.isoformat().replace("+00:00", "Z"),
        "run_id": result.run_id,
        "in_scope": result.in_scope,
        "passed": result.passed,
        "failed": result.failed,
        "excluded": result.excluded,
        "unknown": result.unknown,
        "findings": [
            {
                "subject": row["user_id"],
                "label": row["label"],
                "outcome": row["outcome"],
                "message": row["message"],
                **({"strength": row["strength"]} if row.get("strength") else {}),
            }
            for row in rows
            if everything or row["outcome"] != "PASS"
        ],
        "warnings": [
            {"subject": row["user_id"], "message": row["warning"]} for row in rows if row["warning"]
        ],
    }


def day_text(value: Any) -> str | None:
    """A date as text; None where there is none."""
    return None if value is None or value != value else f"{value:%Y-%m-%d}"


_MARKS = {
    "pass": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red"), "unknown": ("?", "dim"),
}  # fmt: skip


def print_check(check: connecting.Check) -> None:
    """One check on standard error."""
    mark, style = _MARKS.get(check.state, ("–", "dim"))
    err.print(Text(f"{mark} {check.number:>2} {check.title}: {check.message}", style=style))
    if check.state in {"fail", "warn", "unknown"} and check.action:
        err.print(Text(f"     {check.action}"))


def print_run(run: RunView) -> None:
    """A run as a short table."""
    title = f"Run {run.id}, {run.mode}: {run.state}"
    table = Table(title=title, title_justify="left", show_header=False)
    for name, count in run.as_json()["counts"].items():
        table.add_row(name.replace("_", " "), "not synced" if count is None else f"{count:,}")
    table.add_row("changes", f"{run.opened:,} opened, {run.closed:,} closed")
    table.add_row("requests", f"{run.requests:,} in {run.seconds:.1f} s, {run.retries} retries")
    out.print(table)
    for warning in run.warnings:
        err.print(Text(warning, style="yellow"))
    for item in run.not_read:
        out.print(Text(f"Not read: {item['resource']}: {item['reason']}"))
    if run.error:
        err.print(Text(run.error["message"], style="red"))
    if run.held:
        err.print(Text(f"Held: {run.held['sentence']} Decide on the Sync page.", style="yellow"))


def print_certificate(certificate: dict[str, Any]) -> None:
    """What was asked and what came, and how it agrees with a second telling."""
    table = Table("what", "pages", "rows", "queries", title="Read", title_justify="left")
    for about in certificate["endpoints"]:
        queries = Text("\n".join(about["queries"][:5]))
        name = about["resource"].replace("_", " ")
        table.add_row(name, f"{about['pages']:,}", f"{about['rows']:,}", queries)
    out.print(table)
    for said in certificate["reconciled"]:
        mark = "✓" if said["agrees"] else "✗"
        out.print(Text(f"{mark} {said['what']}: read {said['read']:,}, of {said['okta_says']:,}"))
    aside = certificate["set_aside"]
    out.print(f"{len(aside):,} records set aside, {certificate['unconfirmed']:,} not confirmed.")


def print_results(results: list[dict[str, Any]]) -> None:
    """What controls say, with the first findings."""
    for result in results:
        out.print(Text(f"{_name(result)}: {result['outcome']}. {result['message']}"))
        for finding in result["findings"][:20]:
            out.print(Text(f"  {finding['outcome']}: {finding['message']}"))
        if len(result["findings"]) > 20:
            out.print(Text(f"  and {len(result['findings']) - 20:,} more; --json lists all."))


def _name(result: dict[str, Any]) -> str:
    return f"Test {result['test']} {result['title']}" if result["test"] else result["title"]


def print_table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    """The first fifty rows as a table."""
    table = Table(*(name.replace("_", " ") for name in names))
    for row in rows[:50]:
        table.add_row(*(Text(str(row[name] or "")) for name in names))
    out.print(table)
