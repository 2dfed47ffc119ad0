"""What happens by itself: campaigns that repeat open, reminders are written, e-mail is sent.

Any number of programs may do this at once; each thing happens once.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

from workflows import mail, reminders, review_open
from workflows.errors import CountersignError
from workflows.guard import entry
from workflows.installation import Installation

logger = logging.getLogger(__name__)


@dataclass
class Done:
    """What one round did. problems: a sentence each."""

    opened: list[int] = field(default_factory=list)
    reminded: int = 0
    sent: int = 0
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The document that `cli.py reviews due --json` prints."""
        return {"opened": self.opened, "reminded": self.reminded, "sent": self.sent,
                "problems": self.problems}  # fmt: skip

    @property
    def sentence(self) -> str:
        """The same for people."""
        told = [
            f"{len(self.opened)} campaigns opened, {self.reminded} reminders written, "
            f"{self.sent} e-mails sent."
        ]
        return " ".join([*told, *self.problems])


@entry
def run_due(inst: Installation) -> Done:
    """One round. What cannot be done is told in `problems`, and tried again in the next."""
    done = Done()
    for record in review_open.due_to_repeat(inst):
        try:
            view = review_open.repeat(inst, record, actor=reminders.SCHEDULE)
            done.opened += [view.id] if view else []
        except CountersignError as error:
            problem = f"The campaign after “{record.name}” did not open: {error}"
            review_open.note_problem(inst, record.id, str(error))
            logger.warning("%s", problem)
            done.problems.append(problem)
    done.reminded = reminders.remind(inst)
    sent = mail.send_due(inst)
    done.sent = sent.sent
    done.problems += sent.problems
    return done
