"""E-mail over a real SMTP server: each once, by however many senders; failures are told."""

import email
import email.policy
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr

from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import opened
from tests.scenarios.test_review_races import at_once
from workflows import mail, reminders, review_close, review_decide, review_list
from workflows.due import run_due
from workflows.errors import CountersignError, NotAllowed, RuleRefused
from workflows.installation import Actor
from workflows.mail import mails, send_due
from workflows.reminders import ask_for_mfa, remind
from workflows.review_list import ItemFilter

NOON = "2026-11-25T12:00:00Z"


class Inbox:
    """An SMTP server that keeps what it is sent. refuse: recipient -> the answer it gets."""

    def __init__(self):
        self.messages, self.refuse, self.logins = [], {}, []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(
            email.message_from_bytes(envelope.content, policy=email.policy.default)
        )
        return "250 OK"

    def login(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    def to(self, address):
        return [m for m in self.messages if address in str(m["To"])]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def inbox():
    box = Inbox()
    box.port = free_port()
    server = Controller(
        box, hostname="127.0.0.1", port=box.port, authenticator=box.login, auth_require_tls=False
    )
    server.start()
    yield box
    server.stop()


@pytest.fixture
def posted(company, inbox):
    """The company's installation with a mail server."""
    settings = company.inst.settings.model_copy(
        update={
            "smtp_host": "127.0.0.1", "smtp_port": inbox.port, "smtp_security": "none",
            "mail_from": "Countersign <review@meridian.example>",
            "public_url": "https://review.meridian.example/",
        }
    )  # fmt: skip
    company.inst = replace(company.inst, settings=settings)
    return company


def states(company):
    return {
        m["to_email"]: m["state"] for m in mails(company.inst, company.connection_id, actor=ANA)
    }


def test_a_reviewer_gets_one_digest_with_all_campaigns_and_the_way_there(posted, inbox):
    with time_machine.travel(NOON, tick=True):
        first = opened(posted.inst, posted.connection_id)
        second = opened(posted.inst, posted.connection_id, "contractors", days=7)
        done = run_due(posted.inst)
    (message,) = inbox.to(posted.login("marcus"))
    assert done.sent == done.reminded == len(inbox.messages)
    body = message.get_content()
    mine = review_list.items(posted.inst, ItemFilter(first.id), actor=posted.actor("marcus")).total
    assert f"{mine:,} of {mine:,} left to decide, due 9 December 2026." in body
    for view in (first, second):
        assert f"https://review.meridian.example/my_reviews?campaign={view.id}" in body
    assert "due 2 December 2026" in message["Subject"]
    assert message["From"] == "Countersign <review@meridian.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert set(states(posted).values()) == {"SENT"}


def test_each_occasion_is_told_once_and_only_to_who_has_something_left(posted, inbox):
    with time_machine.travel(NOON, tick=True):
        view = opened(posted.inst, posted.connection_id)
        ids = review_list.item_ids(posted.inst, ItemFilter(view.id), actor=posted.actor("yuki"))
        review_decide.decide_many(
            posted.inst, view.id, ids, "KEEP", actor=posted.actor("yuki"), confirmed=True
        )
    told = {}
    for day in (0, 1, 6, 7, 8, 12, 13, 14, 15, 16, 21, 22):
        with time_machine.travel(f"{NOON[:8]}25T12:00:00Z", tick=True) as travel:
            travel.shift(timedelta(days=day))
            inbox.messages.clear()
            run_due(posted.inst)
            run_due(posted.inst)
            told[day] = len(inbox.to(posted.login("marcus")))
            assert inbox.to(posted.login("yuki")) == []
    # Assigned; half-way; due tomorrow; overdue, and again a week later.
    assert [day for day, count in told.items() if count] == [0, 7, 13, 15, 21]
    assert set(told.values()) == {0, 1}


def test_who_gets_items_later_is_told_so_and_a_closed_campaign_is_silent(posted, inbox):
    with time_machine.travel(NOON, tick=True):
        view = opened(posted.inst, posted.connection_id, "app-owner", apps=("Salesforce",),
                      reviewers=(posted.login("marcus"),))  # fmt: skip
        run_due(posted.inst)
        assert inbox.to(posted.login("dmitri")) == []
        item = posted.item(view.id, "tom", "salesforce")
        review_decide.reassign(
            posted.inst, view.id, [item.id], posted.login("dmitri"), actor=ANA, note="Knows"
        )
        run_due(posted.inst)
        assert "1 item to decide" in inbox.to(posted.login("dmitri"))[0]["Subject"]
        review_close.close(posted.inst, view.id, actor=ANA, rest="no_decision", reason="Trial")
    inbox.messages.clear()
    with time_machine.travel("2026-12-20T12:00:00Z", tick=True):
        run_due(posted.inst)
    assert inbox.messages == []


def test_many_schedulers_send_each_digest_once(posted, inbox):
    with time_machine.travel(NOON, tick=True):
        opened(posted.inst, posted.connection_id)
        answers = at_once(posted.inst, *[run_due] * 4)
        assert not [a for a in answers if isinstance(a, Exception)], answers
        run_due(posted.inst)
    addresses = [str(message["To"]) for message in inbox.messages]
    assert len(addresses) == len(set(addresses)) > 5
    assert sum(a.reminded for a in answers) == len(addresses)


def test_a_refused_address_fails_alone_and_is_sent_again_when_asked(posted, inbox):
    inbox.refuse = {
        posted.login("marcus"): "550 No such mailbox",
        posted.login("ines"): "451 Try again later",
    }
    with time_machine.travel(NOON, tick=True):
        opened(posted.inst, posted.connection_id)
        run_due(posted.inst)
        found = states(posted)
        assert found.pop(posted.login("marcus")) == "FAILED"
        assert found.pop(posted.login("ines")) == "PENDING"
        assert set(found.values()) == {"SENT"}
        failed = next(
            m for m in mails(posted.inst, posted.connection_id, actor=ANA) if m["state"] == "FAILED"
        )
        assert "No such mailbox" in failed["error"]
        inbox.refuse = {}
        assert send_due(posted.inst).sent == 0
        mail.retry(posted.inst, posted.connection_id, failed["id"], actor=ANA)
        assert send_due(posted.inst).sent == 1
        with pytest.raises(CountersignError, match="has not failed"):
            mail.retry(posted.inst, posted.connection_id, failed["id"], actor=ANA)
        with pytest.raises(NotAllowed):
            mail.retry(posted.inst, posted.connection_id, failed["id"], actor=posted.actor("ines"))
    with time_machine.travel("2026-11-25T12:02:00Z", tick=True):
        assert send_due(posted.inst).sent == 1
    assert set(states(posted).values()) == {"SENT"}


def test_a_server_that_is_down_is_told_and_tried_again_until_it_is_given_up(company):
    settings = company.inst.settings.model_copy(
        update={"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_security": "none",
                "mail_from": "review@meridian.example"}
    )  # fmt: skip
    company.inst = replace(company.inst, settings=settings)
    with time_machine.travel(NOON, tick=True):
        opened(company.inst, company.connection_id, "app-owner", apps=("Old wiki", "NetSuite"),
               reviewers=(company.login("helena"),), fallback=company.login("helena"))  # fmt: skip
        done = run_due(company.inst)
        assert "does not answer" in done.problems[0]
        # One failure ends the round: the other mails are not tried on a server that is down.
        assert len(done.problems) == 1
    for hours in range(1, 12):
        with time_machine.travel(NOON, tick=True) as travel:
            travel.shift(timedelta(hours=4 * hours))
            while send_due(company.inst).problems:
                pass
    (kept,) = [
        m
        for m in mails(company.inst, company.connection_id, actor=ANA)
        if m["to_id"] == company.id("helena")
    ]
    assert (kept["state"], kept["attempts"]) == ("FAILED", 5)


def test_without_a_mail_server_nothing_is_sent_and_the_text_is_there_to_copy(company):
    view = opened(company.inst, company.connection_id)
    assert run_due(company.inst).sent == 0
    found = mails(company.inst, company.connection_id, actor=ANA, campaign_id=view.id)
    assert {m["state"] for m in found} == {"TO_COPY"}
    assert all("my_reviews?campaign=" in m["body"] for m in found)
    with pytest.raises(NotAllowed):
        mails(company.inst, company.connection_id, actor=company.actor("marcus"))


def with_password(company, password, **more):
    """The installation with a user at the mail server."""
    values = {"smtp_user": "review", "smtp_password": SecretStr(password), **more}
    return replace(company.inst, settings=company.inst.settings.model_copy(update=values))


def test_a_password_goes_to_the_server_and_a_wrong_one_is_told_without_showing_it(posted, inbox):
    with time_machine.travel(NOON, tick=True):
        opened(posted.inst, posted.connection_id)
        remind(posted.inst)
        done = send_due(with_password(posted, "mistaken"))
    assert "does not accept" in done.problems[0]
    assert not any(
        "mistaken" in m["error"] for m in mails(posted.inst, posted.connection_id, actor=ANA)
    )
    with time_machine.travel("2026-11-25T12:02:00Z", tick=True):
        assert send_due(with_password(posted, "right")).sent > 1
    assert inbox.logins[-1] == (b"review", b"right")


def test_a_password_never_goes_to_another_machine_in_clear(posted, monkeypatch):
    opened(posted.inst, posted.connection_id)
    remind(posted.inst)
    said = []

    class Server:
        def __init__(self, *where, **more):
            said.append(where)

        def login(self, *secrets):
            said.append(secrets)

        def close(self):
            said.append("closed")

    monkeypatch.setattr(mail.smtplib, "SMTP", Server)
    done = send_due(with_password(posted, "right", smtp_host="mail.example.com"))
    assert "not sent over a connection without encryption" in done.problems[0]
    assert said == [("mail.example.com", posted.inst.settings.smtp_port), "closed"]


def test_people_without_mfa_are_asked_once_a_day(posted, inbox):
    tom, lucy, kurt = (posted.id(key) for key in ("tom", "lucy", "kurt"))
    with time_machine.travel(NOON, tick=True):
        assert ask_for_mfa(posted.inst, posted.connection_id, [tom, lucy], actor=ANA).queued == 2
        assert ask_for_mfa(posted.inst, posted.connection_id, [tom], actor=ANA).queued == 0
        assert send_due(posted.inst).sent == 2
        for ids in ([], [kurt], [tom, "00unobody"]):
            with pytest.raises(RuleRefused):
                ask_for_mfa(posted.inst, posted.connection_id, ids, actor=ANA)
        with pytest.raises(NotAllowed):
            ask_for_mfa(posted.inst, posted.connection_id, [tom], actor=Actor("f", "F", "auditor"))
    (message,) = inbox.to(posted.login("tom"))
    assert message["Subject"] == "Please set up multi-factor authentication"
    assert "/enduser/settings" in message.get_content()
    with time_machine.travel("2026-11-26T12:00:00Z", tick=True):
        assert ask_for_mfa(posted.inst, posted.connection_id, [tom], actor=ANA).queued == 1


def test_hostile_names_are_one_line_of_text_in_mail(posted, inbox):
    user = next(
        i for i, u in posted.org.users.items() if u["profile"]["email"].startswith("hostile.two")
    )
    ask_for_mfa(posted.inst, posted.connection_id, [user], actor=ANA)
    assert send_due(posted.inst).sent == 1
    (message,) = inbox.messages
    assert "\u202e" not in str(message["To"]) + message.get_content()
    assert message.get_content_type() == "text/plain"
    assert mail.one_line("a\r\nBcc: x@y.z\u2028b\x00") == "a Bcc: x@y.z b"


def test_the_letter_says_how_soon(company):
    view = opened(company.inst, company.connection_id)
    due = view.record.due_on
    for day, said in (
        (due - timedelta(days=1), ", tomorrow."),
        (due, ", today."),
        (due + timedelta(days=1), ", 1 day ago."),
        (due + timedelta(days=3), ", 3 days ago."),
    ):
        occasion = "overdue:0" if day > due else "due_tomorrow"
        part = reminders.Part(view.record, occasion, 10, 1)
        subject, body = reminders.digest(company.inst, "Ada", [part], day)
        assert said in body
        assert ("overdue" in subject) == (day > due)
        assert "1 item of access waits" in body
