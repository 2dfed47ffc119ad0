"""Syncs against what is possible: `python benchmarks/sync.py [full] [quick] [limits]`.

full: 2,000 users, 100 groups, 30 applications, 100 ms a request, no rate limit: seconds and
requests of a full sync, store, history and evaluation included, against a bare loop that stores
nothing (benchmarks/bare.py) with as many threads. quick: 10,000 users, 100 mixed changes: requests
of an incremental sync against a full one's, and whether it leaves the same rows. limits: Okta's
real limits, halved as for a new token: answers of 429, and seconds against what the tightest
budget allows. The tenant runs in a process of its own. Prints, never judges: machines differ.
"""

import json
import math
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bare import BareLoop  # noqa: E402
from storage import snapshots  # noqa: E402
from storage.directory import KINDS  # noqa: E402
from workflows import connect, sync  # noqa: E402
from workflows.installation import Actor, Installation, open_installation  # noqa: E402
from workflows.runs import RunView  # noqa: E402
from workflows.settings import Settings  # noqa: E402

ACTOR = Actor("benchmark", "Benchmark", "analyst")
FULL = ("--users", "2000", "--groups", "100", "--apps", "30")
LARGE = ("--users", "10000", "--groups", "500", "--apps", "60")
UNLIMITED = ("--rate-limit-scale", "10000")
# A token's requests a minute in each budget of demo_tenant/limits.py.
BUDGETS = {"users": 300, "groups": 250, "apps": 50, "logs": 60, "other": 600}


@contextmanager
def tenant(*options: str) -> Iterator[dict[str, Any]]:
    """A pretend Okta in a process of its own; gives what it announces."""
    process = subprocess.Popen(
        [sys.executable, "-m", "demo_tenant", "--port", "0", "--announce-json",
         "--until-stdin-closes", *options],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


def control(about: dict[str, Any], path: str, body: Any = None) -> Any:
    """Use the tenant's control path."""
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(f"{about['url']}/demo/{path}", data=data) as answer:
        return json.load(answer)


@contextmanager
def installed(about: dict[str, Any]) -> Iterator[tuple[Installation, int]]:
    """A connected installation with a store of its own, reviews on."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), allow_loopback=True, log_level="WARNING")
        inst = open_installation(settings)
        form = connect.ConnectionForm(
            organization=about["url"], api_key=about["api_key"],
            email_domains=tuple(about["email_domains"]), access_reviews=True,
        )  # fmt: skip
        yield inst, connect.connect(inst, form, actor=ACTOR).id
        inst.database.close()


def synced(inst: Installation, connection_id: int, mode: str) -> RunView:
    """A published run."""
    run = sync.run_sync(inst, connection_id, actor=ACTOR, mode=mode)
    if run.state == "held":
        run = sync.approve_held(inst, run.id, actor=ACTOR, reason="benchmark")
    assert run.state == "published", run.error
    return run


def current(inst: Installation, connection_id: int) -> dict[str, set[tuple[Any, ...]]]:
    """Every row in force, by kind, but for when somebody was first missed."""
    found = {}
    for kind in KINDS:
        frame = snapshots.frame(inst.database, connection_id, kind)
        frame = frame.drop(columns=["connection_id", "absent_since"], errors="ignore")
        found[kind] = set(frame.astype(str).itertuples(index=False, name=None))
    return found


def full() -> None:
    """A full sync beside the bare loop, three times in turn."""
    ours, bare = [], []
    with tenant(*FULL, *UNLIMITED, "--latency-ms", "100") as about:
        for _ in range(3):
            with installed(about) as (inst, connection_id):
                threads = inst.settings.workers
                run = synced(inst, connection_id, "full")
            ours.append((run.seconds, run.requests))
            requests, seconds = BareLoop(about["url"], about["api_key"], threads=threads).run()
            bare.append((seconds, requests))
    (took, asked), (least, fewest) = (
        tuple(statistics.median(values) for values in zip(*found, strict=True))
        for found in (ours, bare)
    )
    print(f"full sync, {threads} at once, medians of 3 against the bare loop")
    print(f"  seconds   {took:.2f} of {least:.2f}: {took / least:.3f}")
    print(f"  requests  {asked:,} of {fewest:,}: {asked / fewest:.3f}")


def quick() -> None:
    """An incremental sync after 100 mixed changes, beside full ones."""
    with (
        tenant(*LARGE, *UNLIMITED) as about,
        installed(about) as (inst, quick_id),
        installed(about) as (other, full_id),
    ):
        synced(inst, quick_id, "full")
        synced(other, full_id, "full")
        control(about, "changes", {"seed": 1, "count": 100})
        run = synced(inst, quick_id, "incremental")
        assert run.mode == "incremental", run.mode_reason
        whole = synced(other, full_id, "full")
        same = current(inst, quick_id) == current(other, full_id)
    print("incremental sync of 10,000 users after 100 mixed changes, against a full one")
    print(
        f"  requests  {run.requests:,} of {whole.requests:,}: {run.requests / whole.requests:.4f}"
    )
    print(f"  seconds   {run.seconds:.2f} of {whole.seconds:.2f} (without latency or limits)")
    print(f"  the same rows: {'yes' if same else 'NO'}")
    by_resource = {e["resource"]: e["pages"] for e in (run.certificate or {})["endpoints"]}
    print("  pages     " + ", ".join(f"{n} {p}" for n, p in sorted(by_resource.items())))


def limits() -> None:
    """A full sync within Okta's real limits."""
    with tenant(*FULL) as about, installed(about) as (inst, connection_id):
        run = synced(inst, connection_id, "full")
        asked = control(about, "requests")
    counts = dict.fromkeys(BUDGETS, 0)
    for line, count in asked["requests"].items():
        family = line.removeprefix("GET /api/v1/").split("/")
        name = (
            family[0] if family[0] in BUDGETS and not (family[0] == "users" and family[2:]) else ""
        )
        counts[name or "other"] += count if "/api/v1/" in line else 0
    windows = {name: math.ceil(count / BUDGETS[name]) - 1 for name, count in counts.items()}
    tightest = max(windows, key=lambda name: windows[name])
    bound = 60 * windows[tightest]
    print("full sync of 2,000 users within Okta's limits, halved as for a new token")
    print(f"  answers of 429: {asked['statuses'].get('429', 0)}")
    print(
        f"  seconds   {run.seconds:.1f} of {bound} that “{tightest}” needs for "
        f"{counts[tightest]:,} requests: {run.seconds / max(bound, 1):.3f}"
    )


if __name__ == "__main__":
    for name in sys.argv[1:] or ("full", "quick", "limits"):
        {"full": full, "quick": quick, "limits": limits}[name]()
