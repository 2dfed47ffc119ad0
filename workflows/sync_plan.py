"""What a run reads of the details: everything here, and in sync_quick.py only what may differ."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from okta_client.client import Request
from storage.history import Compared
from workflows.sync_scope import Row

if TYPE_CHECKING:
    from workflows.sync_read import Reader


class Plan:
    """Asked by the reader about each row of the lists, which every run reads in full."""

    def factors(self, user: Row) -> bool:
        """Whether to read a user's factors. Asked of users who can have any."""
        return True

    def members(self, group: Row) -> bool:
        """Whether to read a group's members, if it has any."""
        return True

    def group_roles(self, group: Row) -> bool:
        """Whether to read a group's admin roles. Without stats nobody knows that it has none."""
        return group["has_admin_privilege"] is not False

    def group_gives(self, group_id: str) -> None:
        """Somebody has a role through this group, whose roles are read therefore."""

    def user_roles(self, user_id: str) -> bool:
        """Whether to read the admin roles of somebody who has some."""
        return True

    def app(self, app: Row) -> tuple[bool, bool]:
        """Whether to read an application's people, and its groups."""
        return True, True

    def assignments(self, user_id: str) -> Iterable[Request]:
        """A person's doubtful assignments one by one, where they cannot be read in one."""
        return ()

    def afterwards(self, reader: "Reader") -> Iterable[Request]:
        """What the lists and details read so far make necessary as well."""
        return ()

    def compared(self, reader: "Reader") -> Compared | None:
        """What was read anew, for the publish to compare; None for all there is."""
        return None
