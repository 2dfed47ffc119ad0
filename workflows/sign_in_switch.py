"""Switching "Sign in with Okta" on and off for a connection."""

from storage import audit_log, connections
from workflows.connect import ConnectionView, get_connection, run_preflight
from workflows.errors import CountersignError
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.sign_in_readiness import missing


@entry
def switch_sign_in(
    inst: Installation, connection_id: int, *, on: bool, actor: Actor
) -> ConnectionView:
    """Switch it on, once the checks pass, or off: then only this computer is answered.

    Raises CountersignError with what still stands in the way.
    """
    view = get_connection(inst, connection_id)
    if on:
        if view.demo:
            raise CountersignError(
                "The demo has personas in place of a sign-in.", code="demo_sign_in"
            )
        if not view.client_id or not view.has_client_secret:
            raise CountersignError(
                "Enter the application's client ID and secret first.",
                code="no_client",
                field="client_id",
            )
        wanting = missing(run_preflight(inst, connection_id, actor=actor))
        if wanting is not None:
            raise CountersignError(
                f"Sign in with Okta stays off. {wanting}", code="sign_in_not_ready"
            )
    with inst.database.write() as conn:
        connections.update(conn, connection_id, sign_in=on)
        audit_log.append(
            conn,
            actor=actor.id,
            action="sign_in.switched_on" if on else "sign_in.switched_off",
            subject=f"connection:{connection_id}",
            detail={"organization": view.organization},
            at=inst.now(),
        )
    return get_connection(inst, connection_id)
