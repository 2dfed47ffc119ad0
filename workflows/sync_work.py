"""One run from its row to its end: read, settle, judge and publish, or hold. In any thread.

Its heartbeat and progress live in the store, so that every tab, the command line and a restarted
server see the same run; a process that dies leaves its raw pages to whoever takes the run over.
"""

import itertools
import logging
import threading
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from controls import personnel
from okta_client.crawl import Crawl, CrawlStats
from okta_client.errors import Cancelled, OktaError
from okta_client.minimal import Minimal
from okta_client.transport import Answer, Transport, recalled
from storage import audit_log, history, people, raw_pages, runs, snapshots
from storage.errors import Conflict, StorageError
from storage.runs import RunRecord
from workflows.connect import api_key_of, record_of
from workflows.errors import CountersignError
from workflows.installation import Installation
from workflows.memory import give_back, share_arenas
from workflows.on_publish import together_with
from workflows.retention import let_go_of_pages
from workflows.sync_choice import choose
from workflows.sync_plausible import doubt, standing, told
from workflows.sync_read import Reader
from workflows.sync_reconcile import certificate, confirm_missing, settle
from workflows.sync_scope import LABELS, Outcome, Scope

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
PEOPLE_AT_ONCE = 5000
# Pages older than this say too little about now to resume from.
FRESH = timedelta(minutes=30)
# What a run counts: the kind of rows, and the resources that they are read from.
COUNTED = {
    "groups": ("groups", {"groups"}),
    "memberships": ("memberships", {"memberships"}),
    "factors": ("factors", {"factors"}),
    "apps": ("apps", {"apps"}),
    "app_assignments": ("app_users", {"apps", "app_users"}),
    "admin_roles": ("admin_roles", {"admin_assignees", "user_roles", "group_roles"}),
}


def work(inst: Installation, run: RunRecord) -> None:
    """Bring a running run of ours to its end. Never raises: how it ended stands in its row."""
    task = _Run(inst, run)
    try:
        task.go()
    except Cancelled:
        task.end("cancelled", "cancelled", "Cancelled by a person.")
    except OktaError as error:
        task.end("failed", error.code, f"{error} {error.action}".strip())
    except CountersignError as error:
        task.end("failed", error.code, str(error))
    except Conflict as error:
        logger.warning("Run %s is no longer ours: %s", run.id, error)
    except StorageError as error:
        task.end("failed", "store", str(error))
    except Exception:
        logger.exception("Run %s failed.", run.id)
        text = "Something in Countersign failed; the log of this moment says what"
        task.end("failed", "internal", f"{text} (run {run.id}).")


class _Heart:
    """Writes heartbeat and progress twice a second, and stops the crawl when told to."""

    def __init__(self, inst: Installation, run: RunRecord, crawl: Crawl):
        self.inst, self.run, self.crawl = inst, run, crawl
        self.stage = "Reading Okta"
        self.outcome: Outcome | None = None
        self.lost = False
        self._began = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="sync-heart", daemon=True)

    def __enter__(self) -> "_Heart":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._done.is_set():
            try:
                said = runs.beat(
                    self.inst.database,
                    self.run.id,
                    owner=self.inst.owner,
                    progress=self.progress(),
                    now=self.inst.now(),
                )
            except Exception:
                # A busy or restarting database: the next beat may pass. The reading goes on, and
                # whether the run is still ours is decided by its publish.
                logger.warning("A heartbeat of run %s was not written.", self.run.id)
                said = "go"
            if said != "go" and not self._done.is_set():
                self.lost = said == "lost"
                self.crawl.stop()
                return
            self._done.wait(BEAT_SECONDS)

    def progress(self) -> dict[str, Any]:
        stats = self.crawl.stats
        rows = self.outcome.endpoints if self.outcome else {}
        resources = [
            {
                "resource": name,
                "label": LABELS.get(name, name),
                "done": stats.done[name],
                "total": stats.asked[name],
                "rows": rows.get(name, {}).get("rows", 0),
            }
            for name in LABELS
            if stats.asked[name]
        ]
        reading = [r["label"] for r in resources if r["done"] < r["total"]]
        sentence = f"{self.stage}: {', '.join(reading[:3])}" if reading else self.stage
        return {
            "stage": self.stage,
            "sentence": sentence,
            "resources": resources,
            "requests": stats.requests,
            "retries": stats.retries,
            "wait_seconds": round(stats.rate_limit_wait_seconds, 1),
            "seconds_left": _seconds_left(stats, time.monotonic() - self._began),
        }


class _Run:
    def __init__(self, inst: Installation, run: RunRecord):
        self.inst, self.run = inst, run
        self.stats = CrawlStats()
        self.scope = Scope(
            group_id=run.scope["group_id"],
            access_reviews=run.scope["access_reviews"],
            key_owner_id=run.scope["key_owner_id"],
            profile_attributes=tuple(run.scope["profile_attributes"]),
            accepted_lists=tuple(run.scope.get("accepted_lists", ())),
        )

    def go(self) -> None:
        record = record_of(self.inst, self.run.connection_id)
        transport = Transport(record.organization, api_key_of(self.inst, record))
        kept = self._kept()
        share_arenas()
        crawl = Crawl(
            transport,
            workers=self.inst.settings.workers,
            recall=kept.get,
            minimal=Minimal(frozenset(self.scope.profile_attributes)),
        )
        self.stats = crawl.stats
        with crawl, _Heart(self.inst, self.run, crawl) as heart:
            reader = Reader(self.inst.database, self.run.id, crawl, self.scope)
            heart.outcome = reader.outcome
            try:
                self.run, reader.plan = choose(self.inst, self.run, reader)
                reader.read()
                heart.stage = "Comparing with what was known"
                self._settle(reader, heart)
            except Cancelled:
                if heart.lost:
                    raise Conflict("another process has taken it over.") from None
                raise

    def end(self, state: str, code: str, message: str) -> None:
        """Write that nothing will be published, and why. What was asked until then is told."""
        inst, run, now = self.inst, self.run, self.inst.now()
        try:
            with inst.database.write() as conn:
                runs.finish(
                    conn,
                    run.id,
                    owner=inst.owner,
                    state=state,
                    finished_at=now,
                    error={"code": code, "message": message},
                    **_spent(self.stats),
                )
                history.drop_staged(conn, run.id)
                audit_log.append(
                    conn,
                    actor=run.started_by,
                    action=f"sync.{state}",
                    subject=f"run:{run.id}",
                    detail={"code": code},
                    at=now,
                )
        except Conflict as error:
            logger.warning("Run %s is no longer ours: %s", run.id, error)
        except Exception:
            # The store itself is gone: the run stays as it stands, and whoever starts next takes
            # it over, as after a killed process.
            logger.exception("The end of run %s could not be written.", run.id)

    def _kept(self) -> dict[str, Answer]:
        """What an interrupted attempt of this run has read; its staging is made anew from it."""
        with self.inst.database.write() as conn:
            history.drop_staged(conn, self.run.id)
            pages = raw_pages.recall(conn, self.run.id, since=self.inst.now() - FRESH)
        return {
            url: recalled(
                url,
                status=page.status,
                headers=page.headers,
                body=page.body,
                request_id=page.request_id,
                received_at=page.fetched_at,
            )
            for url, page in pages.items()
        }

    def _settle(self, reader: Reader, heart: _Heart) -> None:
        inst, run, outcome = self.inst, self.run, reader.outcome
        if outcome.users and outcome.server_started_at is not None:
            reader.catch_up(outcome.server_started_at - timedelta(seconds=5))
        previous = snapshots.frame(inst.database, run.connection_id, "users")
        confirm_missing(reader, previous)
        reader.read_also(reader.plan.afterwards(reader))
        last = runs.latest_published(inst.database, run.connection_id)
        doubt(inst.database, run, outcome, self.scope)
        compared = reader.plan.compared(reader)
        settled = settle(
            reader,
            previous=previous,
            previous_scope=last.scope if last else None,
            current_before=self._current(previous),
            started_at=run.started_at,
        )
        heart.stage = "Publishing"
        now = inst.now()
        stats = reader.crawl.stats
        unread = outcome.unread(stats.asked)
        with inst.database.write() as conn:
            everybody = iter(settled.rows)
            while some := list(itertools.islice(everybody, PEOPLE_AT_ONCE)):
                history.stage(conn, run.id, "users", some)
            history.stage(conn, run.id, "factor_reads", settled.factor_reads)
            history.keep(conn, run.id, settled.keep)
            history.compare_only(conn, run.id, compared or {})
        fields = {
            **_spent(stats),
            "counts": self._counts(outcome, {item["resource"] for item in unread}),
            "not_read": unread,
            "set_aside": outcome.set_aside[:1000],
            "certificate": certificate(
                reader,
                run,
                finished_at=now,
                unconfirmed=settled.unconfirmed,
                lists_not_read=told(inst.database, run, outcome, last),
                group_label=record_of(inst, run.connection_id).group_label,
            ),
            "progress": heart.progress(),
        }
        kinds = settled.kinds
        if settled.held is not None:
            self._hold({**settled.held, "kinds": kinds}, fields)
            return
        # Publishing and judging need the memory of what has been written.
        outcome.users.clear()
        del settled, previous
        give_back()
        published = history.publish(
            inst.database,
            run.id,
            owner=inst.owner,
            kinds=kinds,
            clock=inst.now,
            run_fields=fields,
            audit={
                "actor": run.started_by,
                "action": "sync.published",
                "subject": f"run:{run.id}",
                "detail": {"mode": run.mode, "counts": fields["counts"]},
            },
            then=together_with(inst, run.id),
        )
        history.sweep(inst.database)
        let_go_of_pages(inst, actor=run.started_by)
        logger.info("Run %s published at %s.", run.id, published.published_at)

    def _hold(self, held: dict[str, Any], fields: dict[str, Any]) -> None:
        now = self.inst.now()
        with self.inst.database.write() as conn:
            runs.finish(conn, self.run.id, owner=self.inst.owner, state="held", held=held, **fields)
            audit_log.append(
                conn, actor=self.run.started_by, action="sync.held", subject=f"run:{self.run.id}",
                detail={"reason": held["reason"], "leavers": len(held["leavers"])}, at=now,
            )  # fmt: skip

    def _current(self, previous: Any) -> set[str]:
        """Who counts as current people before this run."""
        settings = self.inst.settings
        derived = personnel.derive(
            previous,
            people.overrides(self.inst.database, self.run.connection_id),
            today=self.inst.today(),
            email_domains=record_of(self.inst, self.run.connection_id).email_domains,
            mailbox_names=settings.mailbox_names,
            service_user_types=settings.service_user_types,
        )
        return set(derived.loc[derived["current"], "user_id"])

    def _counts(self, outcome: Outcome, unread: Collection[str]) -> dict[str, int | None]:
        counts: dict[str, int | None] = {"users": len(outcome.users.keys() - outcome.gone)}
        database, run = self.inst.database, self.run
        for name, (kind, resources) in COUNTED.items():
            if run.mode == "full":
                number = history.count_staged(database, run.id, kind)
            else:
                number = history.count_after(database, run.id, run.connection_id, kind)
                if kind == "app_users":
                    number -= standing(database, run, outcome.inactive_apps)
            # None of what was not asked for, or refused, is not the same as none.
            off = kind in {"apps", "app_users"} and not self.scope.access_reviews
            refused = not number and not resources.isdisjoint(unread)
            counts[name] = None if off or refused else number
        return counts


def _spent(stats: CrawlStats) -> dict[str, Any]:
    return {
        "requests": stats.requests,
        "retries": stats.retries,
        "rate_limit_wait_seconds": stats.rate_limit_wait_seconds,
    }


def _seconds_left(stats: CrawlStats, elapsed: float) -> float | None:
    """A guess from the pace so far; None until there is one."""
    done, asked = sum(stats.done.values()), sum(stats.asked.values())
    if elapsed < 2.0 or done < 20:
        return None
    return round((asked - done) * elapsed / done, 0)
