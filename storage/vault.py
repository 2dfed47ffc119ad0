"""Secrets at rest: Fernet, with several keys so that they can be rotated."""

import contextlib
import os
import stat
import uuid
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.errors import StorageError, VaultLocked


class Vault:
    """Seals and opens short texts. The first key seals, all of them open."""

    def __init__(self, keys: list[str]):
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise StorageError(
                "COUNTERSIGN_SECRET_KEY does not hold Fernet keys. Make one with "
                "`python -c 'from cryptography.fernet import Fernet; "
                "print(Fernet.generate_key().decode())'`."
            ) from None

    def __repr__(self) -> str:
        return "Vault(…)"

    @classmethod
    def from_setting(cls, secret_key: str | None, key_file: Path) -> "Vault":
        """The keys of the setting (comma-separated, newest first), else of the key file.

        The file is made with mode 0600 when it is missing. Raises StorageError.
        """
        if secret_key:
            return cls([key.strip() for key in secret_key.split(",") if key.strip()])
        try:
            return cls([_read_or_make(key_file)])
        except OSError as error:
            raise StorageError(
                f"The key file {key_file} cannot be used: {error.strerror}."
            ) from None

    def seal(self, text: str) -> str:
        """The text, encrypted and authenticated."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again. Raises VaultLocked when none of the keys fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise VaultLocked(
                "A stored secret was encrypted with another key. Bring back the old key (append "
                "it to COUNTERSIGN_SECRET_KEY, or restore the key file), or enter the secret anew."
            ) from None

    def rotate(self, sealed: str) -> str:
        """The same text under the newest key."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise VaultLocked("A stored secret was encrypted with another key.") from None


def _read_or_make(path: Path) -> str:
    if not path.exists():
        # Written aside and linked, so that of two first starts one wins and both read the same.
        # Never a name that another start may have: threads, and containers, share process ids.
        aside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)
    return path.read_text().strip()
