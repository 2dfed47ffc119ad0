"""An access and its ways in plain sentences: what somebody has, through what, and how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Path:
    """One way in which somebody has something, with the names that a manager knows.

    managed: who runs the group (or the membership that is reviewed): "okta", "directory" when it
    is imported, "built_in" for Everyone. rule_sure: False when it cannot be told whether the rule
    takes this person in.
    """

    via: str
    group_id: str | None = None
    group: str | None = None
    rule: str | None = None
    rule_who: str | None = None
    rule_sure: bool = False
    managed: str = "okta"


def sentence(kind: str, label: str, paths: Sequence[Path]) -> str:
    """Has Salesforce through the group Sales EMEA, which a rule gives to everyone in Sales."""
    if kind == "group":
        return f"Is in the group {label}{_by_rule(paths[0], 'put there by') if paths else ''}."
    has = "Holds the admin role" if kind == "admin_role" else "Has"
    ways = []
    if any(path.via == "direct" for path in paths):
        ways.append("directly")
    groups = [path for path in paths if path.via == "group"]
    if len(groups) == 1:
        ways.append(f"through {_named(groups[0])}{_by_rule(groups[0], 'which')}")
    elif groups:
        ways.append(f"through the groups {listed([p.group or 'one not named' for p in groups])}")
    return f"{' '.join([has, label, ' and '.join(ways)]).strip()}."


def ending(
    kind: str, label: str, paths: Sequence[Path], also_lost: Sequence[str], more_lost: int = 0
) -> list[str]:
    """What must be done for the access to end, and what goes with it; a sentence each.

    also_lost: names of what else the person has only through the same groups; more_lost: how many
    are not named.
    """
    said = []
    direct = any(path.via == "direct" for path in paths)
    groups = [path for path in paths if path.via == "group"]
    if kind == "group":
        said += _leaving(label, paths[0]) if paths else []
    elif direct:
        said.append(
            "Removing the direct assignment alone changes nothing: it also comes through "
            f"{listed([_named(p) for p in groups])}."
            if groups
            else "Removing the direct assignment ends it; nothing else gives it."
        )
    for path in groups:
        said += _leaving(path.group, path, label)
    if also_lost:
        names = [*also_lost, f"{more_lost} more"] if more_lost else list(also_lost)
        said.append(f"This also takes away {listed(names)}.")
    return said


def listed(names: Sequence[str]) -> str:
    """A, B and C."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _named(path: Path) -> str:
    return f"the group {path.group}" if path.group else "a group that Okta does not name"


def _by_rule(path: Path, link: str) -> str:
    if path.rule is None:
        return ""
    who = f" for {path.rule_who}" if path.rule_who else f" called “{path.rule}”"
    if not path.rule_sure:
        return f", where a rule{who} may have put them"
    if link == "which":
        gives = f" gives to {path.rule_who}" if path.rule_who else f" called “{path.rule}” gives"
        return f", which a rule{gives}"
    return f", {link} a rule{who}"


def _leaving(group: str | None, path: Path, gives: str | None = None) -> list[str]:
    name = group or "the group that gives it"
    if path.managed == "built_in":
        what = f" {gives} ends only when it is taken from that group, for all." if gives else ""
        return [f"Nobody can leave {name}: Okta keeps everybody in it.{what}"]
    said = [f"It ends when they leave {name}." if gives else "It ends when they are taken out."]
    if path.managed == "directory":
        said = [f"{name} is managed in a directory outside Okta, so the removal is made there."]
    if path.rule is not None:
        would = "would" if path.rule_sure else "may"
        said.append(
            f"The rule “{path.rule}” {would} put them back, unless they are excluded from it."
        )
    return said
