"""The store of access reviews: what is frozen stays, and nobody decides on their own access."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from storage import (
    campaigns,
    mails,
    removals,
    resource_owners,
    review_items,
    review_log,
    review_shares,
)
from storage.review_items import Filter
from storage.review_tables import APPEND_ONLY, DECISIONS, SHARES, STATES
from tests.storage.conftest import NOON

ITEM = {
    "person": "Ada", "email": "ada@acme.com", "department": "Sales", "title": None,
    "employment_status": "CURRENT_EMPLOYEE", "okta_status": "ACTIVE", "last_login_at": NOON,
    "strength": "strong", "kind": "app", "resource": "CRM", "privileged": False,
    "paths": '[{"group_id": null, "via": "direct"}]', "also_lost": "{}", "signals": "",
    "peers_have": 1, "peers_total": 9, "is_new": False, "past": None, "reviewer_id": "boss",
    "routed_by": "manager", "routed_why": "Because.",
}  # fmt: skip


def item(user_id, resource_id="crm", **values):
    return {**ITEM, "user_id": user_id, "resource_id": resource_id, **values}


def decision(row, **values):
    return {
        "item_id": row["id"], "campaign_id": row["campaign_id"], "user_id": row["user_id"],
        "decision": "KEEP", "note": "", "takes_back": None, "reviewer_id": "boss",
        "decided_by": "boss", "decided_by_name": "Boss", "actor": "t", "decided_at": NOON,
        "bulk": None, "drift": "", **values,
    }  # fmt: skip


@pytest.fixture
def opened(database, connection_id):
    """Make a campaign with these items; returns its id."""

    def go(*rows, **values):
        with database.write() as conn:
            campaign_id = campaigns.add(
                conn, connection_id=connection_id, name="Q4", template="quarterly",
                scope={}, strategy="manager", owners={}, fallback_id="fall",
                due_on=date(2026, 12, 1), rest="no_decision", created_by="ana",
                created_at=NOON, **{"state": "ACTIVE", "items": len(rows), **values},
            )  # fmt: skip
            review_items.freeze(conn, campaign_id, rows)
        return campaign_id

    return go


def listed(database, campaign_id, **wanted):
    with database.read() as conn:
        return review_items.page(conn, Filter(campaign_id, **wanted), limit=None)


def test_a_freeze_of_many_chunks_keeps_every_item_pending_with_its_reviewer(
    database, opened, monkeypatch
):
    monkeypatch.setattr(review_items, "CHUNK", 7)
    campaign_id = opened(*(item(f"u{n:02}", person=f"P{n:02}") for n in range(20)))
    rows = listed(database, campaign_id)
    assert [row["person"] for row in rows] == [f"P{n:02}" for n in range(20)]
    assert {(r["state"], r["reviewer_id"], r["routed_to"], r["version"]) for r in rows} == {
        ("PENDING", "boss", "boss", 0)
    }
    assert rows[0]["last_login_at"] == NOON


@pytest.mark.parametrize("change", ["update", "delete"])
@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda t: t.name)
def test_what_was_frozen_or_said_is_changed_by_nobody(
    database, connection_id, opened, table, change
):
    campaign_id = opened(item("u1"))
    row = listed(database, campaign_id)[0]
    with database.write() as conn:
        review_log.add_decisions(conn, [decision(row)])
        review_log.add_assignments(
            conn,
            [{"item_id": row["id"], "campaign_id": campaign_id, "from_id": "a", "to_id": "b",
              "why": "reassigned", "note": "n", "assigned_by": "t", "assigned_by_name": "T",
              "assigned_at": NOON}],
        )  # fmt: skip
        campaigns.add_sign_off(
            conn, campaign_id=campaign_id, reviewer_id="boss", name="B", statement="s",
            counts={}, signed_at=NOON,
        )  # fmt: skip
        removals.expect(
            conn, [row["id"]], campaign_id=campaign_id, connection_id=1, at=NOON,
            due_on=date(2026, 12, 1),
        )  # fmt: skip
        resource_owners.set_owners(conn, connection_id, "app", "crm", ["boss"], by="t", at=NOON)
    texts = ("person", "note", "statement", "state", "set_by")
    changed = {name: "x" for name in texts if name in table.c}
    statement = sa.delete(table) if change == "delete" else sa.update(table).values(changed)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.write() as conn:
        conn.execute(statement)
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1


def test_the_database_itself_gives_nobody_their_own_access(database, opened):
    campaign_id = opened(item("u1"))
    row = listed(database, campaign_id)[0]
    with pytest.raises(sa.exc.IntegrityError), database.write() as conn:
        conn.execute(sa.update(STATES).values(reviewer_id="u1"))
    with pytest.raises(sa.exc.IntegrityError), database.write() as conn:
        conn.execute(sa.insert(DECISIONS).values(**decision(row, decided_by="u1")))
    with pytest.raises(sa.exc.IntegrityError):
        opened(item("u1", reviewer_id="u1"))
    with pytest.raises(sa.exc.IntegrityError), database.write() as conn:
        review_shares.add(conn, row, "u1")


def test_what_several_share_is_each_ones_until_one_has_decided(database, opened):
    campaign_id = opened(item("u1"), item("boss", reviewer_id="second"), item("u2", "erp"))
    with database.write() as conn:
        review_shares.freeze(conn, campaign_id, {("app", "crm"): ["boss", "second", "third"]})
        shared, about_boss, alone = sorted(r["id"] for r in listed(database, campaign_id))
        assert review_shares.sharers(conn, [shared, about_boss, alone]) == {
            shared: ["boss", "second", "third"], about_boss: ["second", "third"],
        }  # fmt: skip

    def theirs(who):
        with database.read() as conn:
            return (
                sorted(r["id"] for r in listed(database, campaign_id, reviewer_id=who)),
                sum(review_items.by_state(conn, campaign_id, who).values()),
                review_items.progress(conn, campaign_id, by="reviewer")
                .set_index("id")["items"].get(who),
            )  # fmt: skip

    assert theirs("boss") == ([shared, alone], 2, 2)
    assert theirs("third") == ([shared, about_boss], 2, 2)
    assert theirs("u9") == ([], 0, None)
    states = ["REVOKE", "NOT_MINE"]
    rows = {
        item_id: {"item_id": item_id, "reviewer_id": "third", "state": state,
                  "decision_id": None, "decided_at": NOON}
        for item_id, state in zip([shared, about_boss], states, strict=True)
    }  # fmt: skip
    with database.write() as conn:
        review_items.set_states(conn, list(rows.values()))
    assert theirs("boss") == ([alone], 1, 1)
    assert theirs("second") == ([about_boss], 1, 1)
    assert theirs("third") == ([shared, about_boss], 2, 2)
    with database.write() as conn:
        review_shares.drop(conn, [about_boss], "second")
        assert conn.execute(sa.select(sa.func.count()).select_from(SHARES)).scalar() == 4
        review_shares.drop(conn, [shared, about_boss])
        assert conn.execute(sa.select(sa.func.count()).select_from(SHARES)).scalar() == 0


def test_the_newest_word_says_who_owns_what(database, connection_id):
    with database.write() as conn:
        for owners in (["u1"], ["u2", "u1"], []):
            for kind in ("app", "group"):
                if owners or kind == "app":
                    resource_owners.set_owners(
                        conn, connection_id, kind, "x", owners, by="ana", at=NOON
                    )
    with database.read() as conn:
        found = resource_owners.owners_of(conn, connection_id)
        assert {(row["kind"], *row["owners"]) for row in found} == {("app",), ("group", "u2", "u1")}
        assert resource_owners.owners_of(conn, connection_id + 1) == []


def test_nothing_is_frozen_twice_in_a_campaign(opened):
    with pytest.raises(sa.exc.IntegrityError):
        opened(item("u1"), item("u1"))


@pytest.mark.parametrize(
    ("wanted", "people"),
    [
        ({}, {"u1", "u2", "u3"}),
        ({"reviewer_id": "boss"}, {"u1", "u2"}),
        ({"unassigned": True}, {"u3"}),
        ({"kinds": ("group",)}, {"u2"}),
        ({"resources": ("crm",)}, {"u1", "u3"}),
        ({"departments": ("Legal",)}, {"u2"}),
        ({"signals": ("dormant",)}, {"u1", "u3"}),
        ({"signals": ("leaver", "weak_mfa")}, {"u1"}),
        ({"signals": ("dorm",)}, set()),
        ({"search": "ada"}, {"u1", "u2", "u3"}),
        ({"search": "50%"}, {"u2"}),
        ({"search": "%"}, {"u2"}),
        ({"search": "_"}, set()),
        ({"privileged": True}, {"u2"}),
        ({"new": True}, {"u3"}),
        ({"user_id": "u3"}, {"u3"}),
        ({"decided": True}, set()),
        ({"states": ("PENDING",)}, {"u1", "u2", "u3"}),
    ],
)
def test_items_are_filtered_by_what_is_asked_and_text_is_text(database, opened, wanted, people):
    campaign_id = opened(
        item("u1", signals="dormant,leaver"),
        item("u2", "g", kind="group", resource="50% off", department="Legal", privileged=True),
        item("u3", signals="dormant", reviewer_id=None, is_new=True),
    )
    opened(item("u9"))
    assert {row["user_id"] for row in listed(database, campaign_id, **wanted)} == people
    with database.read() as conn:
        assert review_items.count(conn, Filter(campaign_id, **wanted)) == len(people)
        assert len(review_items.ids(conn, Filter(campaign_id, **wanted))) == len(people)


def test_progress_counts_by_reviewer_application_and_department(database, opened):
    campaign_id = opened(
        item("u1"),
        item("u2", department=None),
        item("u3", "mail", resource="Mail", reviewer_id="x"),
    )
    rows = listed(database, campaign_id)
    with database.write() as conn:
        ids = review_log.add_decisions(
            conn, [decision(rows[0], decision="REVOKE"), decision(rows[1])]
        )
        review_items.set_states(
            conn,
            [
                {"item_id": rows[n]["id"], "reviewer_id": "boss", "state": state,
                 "decision_id": ids[n], "decided_at": NOON}
                for n, state in enumerate(["REVOKE", "NOT_MINE"])
            ],
        )  # fmt: skip
        found = {
            by: review_items.progress(conn, campaign_id, by=by).set_index("label")
            for by in ("reviewer", "resource", "department")
        }
    assert found["reviewer"].loc["boss", ["items", "decided", "revoke", "not_mine"]].tolist() == [
        2, 1, 1, 1,
    ]  # fmt: skip
    assert found["resource"]["items"].to_dict() == {"CRM": 2, "Mail": 1}
    assert found["department"]["items"].sum() == 3
    again = listed(database, campaign_id)
    assert [row["version"] for row in again] == [1, 1, 0]
    assert again[0]["decided_by_name"] == "Boss"


def test_decisions_come_back_with_their_ids_in_order(database, opened):
    campaign_id = opened(*(item(f"u{n}") for n in range(5)))
    rows = listed(database, campaign_id)
    with database.write() as conn:
        ids = review_log.add_decisions(conn, [decision(r, note=r["user_id"]) for r in rows])
        notes = [
            conn.execute(sa.select(DECISIONS.c.note).where(DECISIONS.c.id == i)).scalar()
            for i in ids
        ]
    assert notes == [row["user_id"] for row in rows]


def test_what_is_expected_already_keeps_its_clock_and_a_new_revoke_starts_anew(
    database, opened, connection_id
):
    campaign_id = opened(item("u1"))
    (row,) = listed(database, campaign_id)
    due = {"campaign_id": campaign_id, "connection_id": connection_id, "due_on": date(2026, 12, 1)}
    with database.write() as conn:
        removals.expect(conn, [row["id"]], at=NOON, **due)
        removals.expect(conn, [row["id"]], at=NOON + timedelta(days=1), **due)
        assert [e["state"] for e in removals.events(conn, row["id"])] == ["OPEN"]
        removals.withdraw(conn, [row["id"]], at=NOON + timedelta(days=2))
        removals.withdraw(conn, [row["id"]], at=NOON + timedelta(days=2))
        assert removals.to_check(conn, connection_id) == []
        removals.expect(conn, [row["id"]], at=NOON + timedelta(days=3), **due)
        assert [e["state"] for e in removals.events(conn, row["id"])] == [
            "OPEN",
            "WITHDRAWN",
            "OPEN",
        ]
        (known,) = removals.as_of(conn, connection_id, None).to_dict("records")
        assert known["requested_at"] == NOON + timedelta(days=3)
        (then,) = removals.as_of(conn, connection_id, NOON + timedelta(hours=1)).to_dict("records")
        assert (then["state"], then["requested_at"]) == ("OPEN", NOON)
        assert removals.as_of(conn, connection_id, NOON + timedelta(days=2)).empty


def mail(key, **values):
    return {
        "key": key, "connection_id": 1, "campaign_id": None, "to_id": "u1", "to_name": "Ada",
        "to_email": "ada@acme.com", "subject": "s", "body": "b", "state": "PENDING",
        "attempts": 0, "error": "", "created_by": "t", "created_at": NOON, "claimed_at": None,
        "next_try_at": None, "sent_at": None, **values,
    }  # fmt: skip


def test_a_mail_is_queued_once_and_claimed_once(database):
    with database.write() as conn:
        assert mails.queue(conn, [mail("a"), mail("b"), mail("a")]) == 2
        assert mails.queue(conn, [mail("a", subject="other")]) == 0
        claimed = [mails.claim(conn, now=NOON)["key"] for _ in range(2)]
        assert claimed == ["a", "b"]
        assert mails.claim(conn, now=NOON) is None


def test_a_mail_waits_until_it_is_to_be_tried_again(database):
    with database.write() as conn:
        mails.queue(conn, [mail("a", next_try_at=NOON + timedelta(minutes=1))])
        assert mails.claim(conn, now=NOON) is None
        assert mails.claim(conn, now=NOON + timedelta(minutes=1))["attempts"] == 1


def test_a_mail_whose_sender_died_is_failed_and_sent_again_only_when_asked(database):
    with database.write() as conn:
        mails.queue(conn, [mail("a")])
        mails.claim(conn, now=NOON)
        later = NOON + timedelta(minutes=20)
        assert mails.give_up_lost(conn, claimed_before=later, error="lost") == 1
        assert mails.claim(conn, now=later) is None
        (known,) = mails.list_for(conn, 1)
        assert (known["state"], known["error"]) == ("FAILED", "lost")
        assert not mails.retry(conn, 2, known["id"])
        assert mails.retry(conn, 1, known["id"])
        assert mails.claim(conn, now=later)["attempts"] == 1


def test_an_occasion_is_noted_once(database, opened):
    campaign_id = opened(item("u1"))
    row = {"campaign_id": campaign_id, "reviewer_id": "boss", "occasion": "assigned", "at": NOON}
    with database.write() as conn:
        assert mails.remember(conn, [row]) == {(campaign_id, "boss", "assigned")}
        assert mails.remember(conn, [row]) == set()
        assert mails.reminded(conn, campaign_id) == {("boss", "assigned")}
