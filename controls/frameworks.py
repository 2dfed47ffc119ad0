"""The frameworks' own numbers and titles that a control answers to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One requirement of a framework."""

    framework: str
    number: str
    title: str


def soc2(number: str, title: str) -> Reference:
    """A SOC 2 common criterion (2017 TSC, revised 2022)."""
    return Reference("SOC 2", number, title)


def iso27001(number: str, title: str) -> Reference:
    """An ISO/IEC 27001:2022 Annex A control."""
    return Reference("ISO 27001:2022", number, title)


def nist80053(number: str, title: str) -> Reference:
    """A NIST SP 800-53 Rev. 5 control."""
    return Reference("NIST 800-53", number, title)


def pci(number: str, title: str) -> Reference:
    """A PCI DSS 4.0.1 requirement."""
    return Reference("PCI DSS 4.0.1", number, title)
