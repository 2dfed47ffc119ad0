"""The same doors without a browser: connect, sync, evaluate, people, reviews, audit (SPEC 8).

With --json one JSON document on standard output. Progress goes to standard error. Exit code 0;
1 when an asked-for check failed; 2 for bad use. Runs from any folder.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import typer  # noqa: E402

from ui.door import Connection, Door, Json  # noqa: E402
from ui.people_cli import exclusions_app, overrides_app  # noqa: E402
from ui.reviews_cli import reviews_app  # noqa: E402
from ui.sync_cli import sync_app  # noqa: E402
from ui.terminal import (  # noqa: E402
    checks_document,
    day_text,
    out,
    print_check,
    print_results,
    print_table,
    result_document,
)
from workflows import (  # noqa: E402
    audit,
    evaluate,
    keys,
    personnel,
    sign_in,
    sign_in_switch,
)
from workflows import connect as connecting  # noqa: E402
from workflows.errors import CountersignError  # noqa: E402

app = typer.Typer(
    help="Countersign: compliance on an Okta tenant. It only ever reads from Okta.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit_app = typer.Typer(help="The audit log.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")
app.add_typer(reviews_app, name="reviews")
app.add_typer(sync_app, name="sync")
app.add_typer(overrides_app, name="overrides")
app.add_typer(exclusions_app, name="exclusions")
# What a person reads here is the outcome; the log is for servers.
os.environ.setdefault("COUNTERSIGN_LOG_LEVEL", "WARNING")


@app.command()
def connect(
    organization: Annotated[str, typer.Option(help="The organization, like acme.okta.com.")],
    api_key_env: Annotated[
        str, typer.Option(help="Name of the environment variable that holds the API key.")
    ],
    email_domain: Annotated[
        list[str], typer.Option(help="E-mail domain of your people; repeat for several.")
    ],
    custom_domain: Annotated[str, typer.Option(help="Custom URL domain.")] = "",
    group_label: Annotated[str, typer.Option(help="Exactly one Okta group.")] = "",
    change_group: Annotated[
        bool, typer.Option("--change-group", help="The label may name another group than now.")
    ] = False,
    client_id: Annotated[str, typer.Option(help="Application client ID, for sign-in.")] = "",
    client_secret_env: Annotated[
        str, typer.Option(help="Name of the environment variable with the client secret.")
    ] = "",
    access_reviews: Annotated[
        bool, typer.Option("--access-reviews", help="Also sync applications and assignments.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check an organization and connect it; a known organization is updated."""
    with Door(as_json) as door:
        form = connecting.ConnectionForm(
            organization=organization,
            api_key=_secret(api_key_env),
            custom_domain=custom_domain,
            group_label=group_label,
            change_group=change_group,
            email_domains=tuple(email_domain),
            client_id=client_id,
            client_secret=_secret(client_secret_env) if client_secret_env else "",
            access_reviews=access_reviews,
        )
        try:
            view = connecting.connect(
                door.inst, form, actor=door.actor, on_check=None if as_json else print_check
            )
        except connecting.Blocked as blocked:
            door.fail(blocked, checks=checks_document(blocked.checks))
        document = {
            "connection_id": view.id,
            "organization": view.organization,
            "state": view.state,
            "org_id": view.org_id,
            "group_label": view.group_label,
            "email_domains": list(view.email_domains),
            "access_reviews": view.access_reviews,
            "checks": checks_document(view.preflight),
            "error": None,
        }
        door.done(document, f"Connected {view.host} as connection {view.id}.")


@app.command()
def preflight(connection: Connection = None, as_json: Json = False) -> None:
    """Run every check of a connection again."""
    with Door(as_json) as door:
        view = door.connection(connection)
        checks = connecting.run_preflight(
            door.inst, view.id, actor=door.actor, on_check=None if as_json else print_check
        )
        failed = [c for c in checks if c.state == "fail"]
        door.done(
            {"ok": not failed, "connection_id": view.id, "checks": checks_document(checks)},
            f"{len(failed)} of {len(checks)} checks fail.",
            failed=bool(failed),
        )


@app.command(name="evaluate")
def evaluate_command(
    everything: Annotated[bool, typer.Option("--all", help="Also findings that pass.")] = False,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Say what every control says about the newest published run."""
    with Door(as_json) as door:
        view = door.connection(connection)
        results = evaluate.run_controls(door.inst, view.id, actor=door.actor, sync_first=False)
        document = [result_document(door.inst, result, everything) for result in results]
        door.done(document, "", failed=any(r.needs_work for r in results))
        if not as_json:
            print_results(document)


@app.command()
def people(connection: Connection = None, as_json: Json = False) -> None:
    """List personnel as of the newest published run."""
    with Door(as_json) as door:
        found = personnel.people(door.inst, door.connection(connection).id)
        rows = [
            {
                "okta_user_id": row["user_id"],
                "name": row["name"],
                "email": row["email"],
                "okta_status": row["okta_status"],
                "employment_status": row["employment_status"],
                "start_date": day_text(row["start_date"]),
                "start_date_source": row["start_date_source"],
                "separation_date": day_text(row["separation_date"]),
                "overridden": row["overridden"],
                "warnings": row["warnings"],
            }
            for row in found.frame.to_dict("records")
        ]
        door.done(rows, "")
        if not as_json:
            names = ("name", "email", "employment_status", "okta_status", "start_date")
            print_table(rows, names)
            out.print(
                f"{len(rows):,} people as of {found.as_of:%Y-%m-%d %H:%M} UTC, run {found.run_id}; "
                f"{found.outside_domain + found.outside_group:,} identities outside."
            )


@audit_app.command()
def verify(as_json: Json = False) -> None:
    """Verify the audit log's chain; names the first event tampered with."""
    with Door(as_json) as door:
        found = audit.verify_audit(door.inst)
        document = {
            "ok": found.ok,
            "events": found.events,
            "first_bad": found.first_bad,
            "problem": found.problem,
        }
        text = f"{found.events:,} events, unbroken." if found.ok else found.problem
        door.done(document, text, failed=not found.ok)


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the store to this version's schema."""
    with Door(as_json) as door:
        door.done({"migrated": True, "database": door.inst.database.dialect}, "The store is ready.")


@app.command(name="sign-in")
def sign_in_command(
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Switch it. Off: only this computer.")
    ] = None,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Say whether people sign in with Okta, or switch it; the way back in for the locked out."""
    with Door(as_json) as door:
        view = door.connection(connection)
        if on is not None:
            view = sign_in_switch.switch_sign_in(door.inst, view.id, on=on, actor=door.actor)
        state = sign_in.sign_in_state(door.inst)
        text = f"Sign in with Okta is on for {view.host}." if view.sign_in else state.why_off
        why = None if view.sign_in else state.why_off
        door.done({"connection_id": view.id, "sign_in": view.sign_in, "why_off": why}, text)


@app.command(name="rotate-key")
def rotate_key(as_json: Json = False) -> None:
    """Encrypt stored secrets anew with the first key of COUNTERSIGN_SECRET_KEY."""
    with Door(as_json) as door:
        count = keys.reseal(door.inst, actor=door.actor)
        door.done({"secrets": count}, f"{count:,} stored secrets use the newest key now.")


@app.command(name="demo-tenant")
def demo_tenant(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 8765,
    users: Annotated[int, typer.Option(min=50, help="How many users.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed makes the same company.")] = 7,
    latency_ms: Annotated[int, typer.Option(min=0, help="Delay of each answer.")] = 0,
    rate_limit_scale: Annotated[
        float, typer.Option(min=0.001, help="Rate limits as a multiple of Okta's.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Serve the bundled pretend Okta organization until interrupted."""
    command = [sys.executable, "-m", "demo_tenant", "--port", str(port), "--users", str(users)]
    command += ["--seed", str(seed), "--latency-ms", str(latency_ms)]
    command += ["--rate-limit-scale", str(rate_limit_scale)]
    # The tenant is another program that knows nothing of us: it takes this process's place.
    os.chdir(ROOT)
    os.execv(sys.executable, command + (["--announce-json"] if as_json else []))  # noqa: S606


def _secret(variable: str) -> str:
    value = os.environ.get(variable)
    if value is None:
        raise CountersignError(
            f"The environment variable {variable} is not set.",
            code="missing_variable",
            action="Put the secret into it; secrets are never taken as arguments.",
        )
    return value


if __name__ == "__main__":
    app()
