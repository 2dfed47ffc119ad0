"""Access reviews at scale: `python benchmarks/reviews.py [accesses] [PostgreSQL server's url]`.

112,000 accesses are a campaign of some 100,000 items: opening it (limit 30 s and 1 GB), what its
pages ask (1 s each), and one decision among 5,000 items of one reviewer (0.3 s). Prints, never
judges: machines differ.
"""

import contextlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storage import connections, history, runs  # noqa: E402
from storage.directory import KINDS  # noqa: E402
from tests.stores import own_postgres  # noqa: E402
from workflows import review_decide, review_list, review_open, review_report, reviews  # noqa: E402
from workflows.installation import Actor, Installation, open_installation  # noqa: E402
from workflows.removals import removals  # noqa: E402
from workflows.review_basis import basis  # noqa: E402
from workflows.review_list import ItemFilter  # noqa: E402
from workflows.review_people import acting_as  # noqa: E402
from workflows.review_scope import fill_in  # noqa: E402
from workflows.settings import Settings  # noqa: E402

NOW = datetime.now(UTC)
ANALYST = Actor("benchmark", "Benchmark", "analyst")
APPS, DEPARTMENTS, EACH = 40, 20, 10
EMPTY = {"profile": "{}", "presence": "present", "detail": "{}", "source": "{}"}


def row(kind: str, **values: Any) -> dict[str, Any]:
    """A directory row; what is not given is null."""
    return {name: values.get(name, EMPTY.get(name)) for name in KINDS[kind].columns}


def directory(accesses: int) -> dict[str, list[dict[str, Any]]]:
    """Everybody has ten applications: four of the department's group, the rest by assignment."""
    people = accesses // EACH
    users, members, assigned = [], [], []
    for n in range(people):
        department = n % DEPARTMENTS
        users.append(
            row(
                "users", user_id=f"u{n:06}", login=f"p{n}@acme.com", email=f"p{n}@acme.com",
                first_name=f"First{n}", last_name=f"Last{n}", status="ACTIVE",
                created_at=NOW - timedelta(days=900), last_login_at=NOW - timedelta(days=n % 120),
                department=f"Department {department}", manager_id=f"p{department}@acme.com",
            )
        )  # fmt: skip
        members.append(row("memberships", group_id=f"g{department}", user_id=f"u{n:06}"))
        for k in range(EACH):
            grouped = k < 4
            app = (department + k) % APPS if grouped else (n + 7 * k) % APPS
            assigned.append(
                row(
                    "app_users", app_id=f"a{app}", user_id=f"u{n:06}", status="ACTIVE",
                    scope="GROUP" if grouped else "USER",
                    via_group_id=f"g{department}" if grouped else None,
                )
            )  # fmt: skip
    groups = range(DEPARTMENTS)
    return {
        "users": users,
        "memberships": members,
        "app_users": assigned,
        "groups": [
            row("groups", group_id=f"g{d}", name=f"Group {d}", type="OKTA_GROUP") for d in groups
        ],
        "group_rules": [
            row("group_rules", rule_id=f"r{d}", name=f"Rule {d}", status="ACTIVE",
                expression=f'user.department=="Department {d}"', group_ids=f'["g{d}"]',
                excluded_user_ids="[]")
            for d in groups
        ],
        "apps": [
            row("apps", app_id=f"a{a}", label=f"Application {a}", name="x", status="ACTIVE",
                features="[]")
            for a in range(APPS)
        ],
        "app_groups": [
            row("app_groups", app_id=f"a{(d + k) % APPS}", group_id=f"g{d}")
            for d in groups for k in range(4)
        ],
    }  # fmt: skip


def publish(settings: Settings, accesses: int) -> None:
    """Make a connection and a published run."""
    inst = open_installation(settings)
    with inst.database.write() as conn:
        connection_id = connections.add(
            conn, organization="https://acme.okta.com", host="acme.okta.com",
            email_domains=("acme.com",), access_reviews=True, demo=False, state="connected",
            created_at=NOW,
        )  # fmt: skip
    run, _ = runs.start(
        inst.database, connection_id=connection_id, mode="full",
        scope={"access_reviews": True, "email_domains": ["acme.com"]}, started_by="b", owner="b",
        now=NOW,
    )  # fmt: skip
    rows = directory(accesses)
    with inst.database.write() as conn:
        for kind, some in rows.items():
            history.stage(conn, run.id, kind, some)
    history.publish(
        inst.database, run.id, owner="b", kinds=list(rows), clock=lambda: NOW, run_fields={},
        audit={"actor": "b", "action": "sync.published", "subject": "run", "detail": {}},
    )  # fmt: skip


def timed(what: str, limit: float, do: Callable[[], Any], times: int = 3) -> Any:
    """Do it a few times; print the best as a ratio to the limit."""
    best, said = float("inf"), None
    for _ in range(times):
        began = time.perf_counter()
        said = do()
        best = min(best, time.perf_counter() - began)
    print(f"{what:<52} {best:8.3f} s, {best / limit:.2f} of the limit")
    return said


def measure(settings: Settings) -> None:
    """Open, look, decide."""
    inst: Installation = open_installation(settings)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def opening() -> reviews.CampaignView:
        found = basis(inst, 1)
        due = inst.now().date() + timedelta(days=14)
        form = fill_in("quarterly", basis=found, due_on=due, fallback="p0@acme.com")
        return review_open.open_campaign(inst, 1, form, actor=ANALYST)

    view = timed("open a campaign", 30, opening, times=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{view.record.items:,} items; peak memory {peak:,.0f} MB ({before:,.0f} MB before)")
    wanted = ItemFilter(view.id)
    look: dict[str, Any] = {"actor": ANALYST}
    for what, do in (
        ("the list of campaigns", lambda: reviews.list_campaigns(inst, 1, **look)),
        ("progress by reviewer, with care", lambda: review_report.parts(inst, view.id, **look)),
        ("progress by application",
         lambda: review_report.progress(inst, view.id, by="resource", **look)),
        ("progress by department",
         lambda: review_report.progress(inst, view.id, by="department", **look)),
        ("a page of items", lambda: review_list.items(inst, wanted, **look)),
        ("a page of items, searched",
         lambda: review_list.items(inst, ItemFilter(view.id, search="Last77"), **look)),
        ("the last page by application",
         lambda: review_list.items(inst, wanted, order="resource", offset=view.record.items - 25,
                                   **look)),
        ("drift of all items", lambda: review_report.drift_counts(inst, view.id, **look)),
        ("removals", lambda: removals(inst, 1, limit=50, **look)),
    ):  # fmt: skip
        timed(what, 1, do)
    boss = acting_as(inst, 1, "p1@acme.com", by=ANALYST)
    page = timed(
        "a page of the reviewer's items", 1, lambda: review_list.items(inst, wanted, actor=boss)
    )
    print(f"{page.total:,} items are this reviewer's")
    ids = iter(review_list.item_ids(inst, wanted, actor=boss))
    timed(
        "a decision", 0.3, lambda: review_decide.decide(inst, next(ids), "KEEP", actor=boss),
        times=20,
    )  # fmt: skip
    rest = dict(list(review_list.item_ids(inst, wanted, actor=boss).items())[20:])
    timed(
        f"a bulk decision on {len(rest):,}", 5,
        lambda: review_decide.decide_many(
            inst, view.id, rest, "REVOKE", note="Benchmark", actor=boss, confirmed=True
        ),
        times=1,
    )  # fmt: skip


def main() -> None:
    """Publish in a process of its own, so that its memory does not count; then measure."""
    accesses = int(sys.argv[1]) if len(sys.argv) > 1 else 112_000
    server = sys.argv[2] if len(sys.argv) > 2 else ""
    # The server's own databases are not for this.
    with own_postgres(server) if server else contextlib.nullcontext("") as url:
        settings = Settings(
            data_dir=Path(tempfile.mkdtemp()), log_level="WARNING", database_url=url
        )  # fmt: skip
        context = multiprocessing.get_context("spawn")
        for step, arguments in ((publish, (settings, accesses)), (measure, (settings,))):
            process = context.Process(target=step, args=arguments)
            process.start()
            process.join()


if __name__ == "__main__":
    main()
