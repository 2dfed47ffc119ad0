"""A run's pages and rows on their way to the store: pages first, rows beside them, one commit."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from okta_client.crawl import Page
from okta_client.minimal import RULE
from okta_client.payloads import Unreadable, holds_unstorable
from storage import history, raw_pages
from storage.database import Database
from storage.raw_pages import RawPage
from workflows.sync_scope import LISTS, Outcome, Row

# Written together: a commit for each page would cost more than the page.
COMMIT_SECONDS = 0.5


class Staging:
    """Takes pages and rows as they come; what it has noted stands in the outcome."""

    def __init__(self, database: Database, run_id: int, outcome: Outcome):
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self._database = database
        self._run_id = run_id
        self._outcome = outcome
        self._raw: list[RawPage] = []
        self._flushed = time.monotonic()

    def take(self, page: Page) -> None:
        """Keep a page, and note it for the certificate."""
        request, answer = page.request, page.answer
        note = self._outcome.endpoints.setdefault(
            request.resource, {"queries": [], "pages": 0, "rows": 0, "request_ids": []}
        )
        note["pages"] += 1
        note["rows"] += len(page.records)
        # Only an escape, or the byte that such a character begins with, is worth a closer look.
        if (b"\\u" in answer.body or b"\xed" in answer.body) and holds_unstorable(answer.json):
            self._outcome.cleaned[request.resource] += 1
        # Details are thousands of like requests: their ids stand in the raw pages, not here.
        if request.resource in LISTS:
            if page.number == 1:
                note["queries"].append(request.url("").split("&after=")[0])
            if answer.request_id:
                note["request_ids"].append(answer.request_id)
        if not answer.recalled:
            self._raw.append(
                RawPage(
                    resource=request.resource,
                    url=answer.url,
                    status=answer.status,
                    request_id=answer.request_id,
                    fetched_at=answer.received_at,
                    headers=dict(answer.headers),
                    items=len(page.records),
                    body=answer.body,
                    received_sha256=answer.received_sha256,
                    rule=RULE,
                )
            )

    def each(
        self, resource: str, records: Iterable[Any], read: Callable[[Any], Row]
    ) -> Iterable[tuple[Row, Any]]:
        """Rows with the records they came from; what cannot be read is set aside by name."""
        for record in records:
            try:
                yield read(record), record
            except Unreadable as error:
                subject = record.get("id") if isinstance(record, dict) else None
                about = {"resource": resource, "subject": str(subject or "")[:100]}
                self._outcome.set_aside.append({**about, "reason": str(error)})

    def flush_when_due(self) -> None:
        """Write if the last time was a while ago."""
        if time.monotonic() - self._flushed > COMMIT_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what has come in: pages first, then the rows read from them, in one commit."""
        with self._database.write() as conn:
            if self._raw:
                raw_pages.add_many(conn, self._run_id, self._raw)
            for kind, rows in self.rows.items():
                if rows:
                    history.stage(conn, self._run_id, kind, rows)
        self._raw.clear()
        self.rows.clear()
        self._flushed = time.monotonic()

    def forget_the_gone(self) -> None:
        """Take back what was staged of people, groups and applications that are deleted by now."""
        outcome = self._outcome
        with self._database.write() as conn:
            for gone, column, kinds in (
                (outcome.gone, "user_id", ("factors", "factor_reads", "memberships", "app_users")),
                (outcome.gone_groups, "group_id", ("groups", "memberships", "app_groups")),
                (outcome.gone_apps, "app_id", ("apps", "app_users", "app_groups")),
                (outcome.gone | outcome.gone_groups, "principal_id", ("admin_roles",)),
            ):
                for kind in kinds:
                    history.unstage(conn, self._run_id, kind, column, gone)
        for group_id in outcome.gone_groups:
            outcome.groups.pop(group_id, None)
        for refused in outcome.refused.values():
            for subject in outcome.gone | outcome.gone_groups | outcome.gone_apps:
                refused.pop(subject, None)
