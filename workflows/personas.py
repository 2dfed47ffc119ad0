"""The demo's people whom a visitor can be: the analyst, three managers, the auditor (SPEC 7)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Persona:
    """Somebody of the demo tenant. key: in the address; login: how the tenant knows them."""

    key: str
    name: str
    role: str
    what: str

    @property
    def login(self) -> str:
        """The login in the demo tenant."""
        return f"{self.key}@meridian.example"


PERSONAS = (
    Persona("ana.petrova", "Ana Petrova", "analyst", "analyst"),
    Persona("ines.carvalho", "Inês Carvalho", "reviewer", "manager, Engineering"),
    Persona("marcus.obi", "Marcus Obi", "reviewer", "manager, Sales"),
    Persona("yuki.tanaka", "Yuki Tanaka", "reviewer", "manager, Customer Success"),
    Persona("felix.moreau", "Felix Moreau", "auditor", "auditor"),
)


def role_of_persona(login: str) -> str:
    """The role that the demo gives to a login; whoever is none of them is a reviewer."""
    return next((p.role for p in PERSONAS if p.login == login), "reviewer")
