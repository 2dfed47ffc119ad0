"""What can go wrong in the store, in sentences that may be shown."""


class StorageError(Exception):
    """The store cannot be used, or refuses. Never holds a password."""


class Conflict(StorageError):
    """Something else happened first; nothing was changed."""


class VaultLocked(StorageError):
    """A stored secret cannot be decrypted with the keys at hand."""
