"""Who may do what: every use case that a page, a route or a command calls, and for which roles.

The one table of SPEC 7. workflows/guard.py enforces it where the use case is called; a test walks
all of it for every role and fails when a use case that a door calls is not listed.
"""

from dataclasses import dataclass

ANALYST, AUDITOR, REVIEWER, SYSTEM = "analyst", "auditor", "reviewer", "system"
ROLES = (ANALYST, AUDITOR, REVIEWER)


@dataclass(frozen=True)
class Rule:
    """roles: who may; None means whoever asks, signed in or not.

    heeds_limit: it shows nothing newer than Installation.until, so that an auditor whose access
    ends with a day may use it. What does not say so is refused to them.
    """

    name: str
    roles: frozenset[str] | None
    heeds_limit: bool = False


# The way in itself, which must be open to whoever comes.
ANYBODY = Rule("anybody", None)
# One's own things, and what frames every page.
OWN = Rule("signed in", frozenset({ANALYST, AUDITOR, REVIEWER, SYSTEM}), heeds_limit=True)
READ = Rule("reads", frozenset({ANALYST, AUDITOR, SYSTEM}), heeds_limit=True)
# Reads that tell of now only.
READ_NOW = Rule("reads now", frozenset({ANALYST, AUDITOR, SYSTEM}))
CHANGE = Rule("changes", frozenset({ANALYST, SYSTEM}))
# For the program's own start and its scheduler: no person asks for these.
PROGRAM = Rule("program", frozenset({SYSTEM}))

_TABLE: dict[Rule, tuple[str, ...]] = {
    ANYBODY: (
        "demo.play_persona",
        "readiness.readiness",
        "sessions.sign_out",
        "sessions.visitor",
        "sign_in.begin",
        "sign_in.complete",
        "sign_in.note_turned_away",
        "sign_in.sign_in_state",
    ),
    OWN: (
        "connect.current_connection",
        "connect.list_connections",
        "demo.demo_available",
        "my_reviews.my_reviews",
        "my_reviews.changing",
        "review_decide.decide",
        "review_decide.decide_many",
        "review_decide.reassign",
        "review_decide.sign_off",
        "review_decide.undo",
        "review_list.all_items",
        "review_list.history",
        "review_list.item",
        "review_list.item_ids",
        "review_list.items",
        "review_list.some",
        "sessions.own_sessions",
        "sessions.end_session",
        "sessions.end_everywhere",
        "guard.note_refusal",
    ),
    READ: (
        "audit.audit_events",
        "audit.verify_audit",
        "changes.run_changes",
        "connect.get_connection",
        "evaluate.exclusions",
        "evaluate.findings",
        "evaluate.latest_results",
        "mfa_coverage.mfa_coverage",
        "evaluate.result",
        "evaluate.result_history",
        "overview.overview",
        "person.person",
        "personnel.overrides",
        "personnel.people",
        "personnel.person_id",
        "sync.count_runs",
        "sync.get_run",
        "sync.held_run",
        "sync.latest_published",
        "sync.list_runs",
        "sync.running_run",
    ),
    READ_NOW: (
        "mail.mails",
        "removals.removal_events",
        "removals.removals",
        "review_report.compare",
        "review_report.drift_counts",
        "review_report.parts",
        "review_report.progress",
        "review_report.sign_offs",
        "reviews.campaign",
        "reviews.list_campaigns",
        "reviews.shares",
        "roles.list_grants",
        "roles.role_history",
        "sessions.open_sessions",
        "review_owners.owners",
    ),
    CHANGE: (
        "due.run_due",
        "review_basis.basis",
        "review_choices.answers_of",
        "review_choices.choices",
        "review_choices.form_of_answers",
        "review_close.cancel",
        "review_close.close",
        "review_close.stop_repeating",
        "review_open.discard_draft",
        "review_open.open_campaign",
        "review_open.preview",
        "review_open.save_draft",
        "review_people.acting_as",
        "connect.check_form",
        "connect.connect",
        "connect.disconnect",
        "connect.offer_email_domains",
        "connect.replace_key",
        "connect.run_preflight",
        "demo.connect_demo",
        "demo.ensure_demo_running",
        "demo.next_day",
        "mail.retry",
        "reminders.ask_for_mfa",
        "reminders.remind_now",
        "removals.set_ticket",
        "evaluate.exclude",
        "evaluate.run_controls",
        "evaluate.withdraw_exclusion",
        "keys.reseal",
        "personnel.set_overrides",
        "personnel.withdraw_override",
        "roles.grant",
        "roles.withdraw",
        "sessions.end_sessions_of",
        "sync.approve_held",
        "sync.cancel_sync",
        "sync.discard_held",
        "sync.run_sync",
        "sync.start_sync",
        "sign_in_switch.switch_sign_in",
        "review_owners.set_owners",
    ),
    PROGRAM: ("sync.resume_orphans",),
}
ENTRIES: dict[str, Rule] = {name: rule for rule, names in _TABLE.items() for name in names}
