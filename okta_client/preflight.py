"""The checks of SPEC 1 before a connection is saved: each a full sentence and what to do.

"Could not tell" (unknown) is never shown as pass. A check that blocks is marked so.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from okta_client import preflight_access, preflight_people, preflight_sign_in
from okta_client.addresses import parse_custom_domain, parse_organization
from okta_client.client import OktaClient
from okta_client.errors import NotEnabled, NotPermitted, OktaError
from okta_client.preflight_types import Check, Facts, Question, Said
from okta_client.transport import SOMEBODY_WAITS, Transport

__all__ = ["CHECKS", "Check", "Facts", "Preflight", "Question"]


class Preflight:
    """The checks of one question. Raises AddressError when an address cannot be one."""

    def __init__(self, question: Question):
        self.question = question
        allow = question.allow_loopback
        self.origin = parse_organization(question.organization, allow_loopback=allow).origin
        self.custom_origin = (
            parse_custom_domain(question.custom_domain, allow_loopback=allow).origin
            if question.custom_domain.strip()
            else None
        )
        self.facts = Facts()
        self.okta = OktaClient(Transport(self.origin, question.api_key, attempts=SOMEBODY_WAITS))
        self.public = Transport(self.origin, None, attempts=SOMEBODY_WAITS)

    def run(self) -> Iterator[Check]:
        """The checks in their order, each as soon as it is known."""
        stopped = False
        for number, (name, title, blocking, ask) in enumerate(CHECKS, 1):
            if stopped:
                said: Said = ("unknown", "Not checked, because an earlier check failed.", "")
            else:
                said = self._say(ask)
                stopped = number <= 2 and said[0] != "pass"
            yield Check(name, number, title, *said, blocking=blocking)

    def domain_counts(self) -> dict[str, int]:
        """E-mail domains of the users with how many users each, most first. Raises OktaError."""
        preflight_access.organization(self)
        preflight_people.look_at_users(self)
        counted = Counter(self.facts.domain_counts).most_common()
        return {domain: count for domain, count in counted if domain}

    def _say(self, ask: Callable[["Preflight"], Said]) -> Said:
        try:
            return ask(self)
        except NotPermitted as error:
            return ("unknown", f"Could not tell: {error.message}", error.action)
        except NotEnabled as error:
            return ("unknown", f"Could not tell: {error.message}", "")
        except OktaError as error:
            return ("unknown", f"Could not tell: {error}", error.action)


# id, title, blocking, check: in the order and with the marks of SPEC 1.
CHECKS: tuple[tuple[str, str, bool, Callable[[Preflight], Said]], ...] = (
    ("organization", "Organization answers", True, preflight_access.organization),
    ("api_key", "API key works", True, preflight_access.key),
    ("least_privilege", "Least privilege", False, preflight_access.least_privilege),
    ("key_age", "Key expiry and network", False, preflight_access.key_age),
    ("population", "Users can be read", True, preflight_people.population),
    ("email_attribute", "E-mail attribute", True, preflight_people.email_attribute),
    ("email_domains", "E-mail domains", False, preflight_people.email_domains),
    ("drata_attributes", "Hire date and contractor", False, preflight_people.drata_attributes),
    ("group_label", "Group label", True, preflight_people.group),
    ("factors", "Factors", False, preflight_access.factors),
    ("admin_roles", "Admin roles", False, preflight_access.roles),
    ("system_log", "System Log", False, preflight_access.log),
    ("apps", "Applications", False, preflight_access.apps),
    ("sign_in", "Sign-in address", False, preflight_sign_in.sign_in),
    ("client", "Client ID and secret", False, preflight_sign_in.client),
    ("self_scope", "okta.users.read.self", False, preflight_sign_in.grant),
    ("app_assigned", "Application set-up", False, preflight_sign_in.assigned),
    ("older_sign_in", "Older sign-in", False, preflight_sign_in.older_sign_in),
)
