"""Sees to a Chromium for the browser tests: the one found, else Debian's, or says what is lost."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
INSTALL = ["install", "-y", "--no-install-recommends", "chromium"]


def found() -> bool:
    """Whether a browser is installed."""
    return any(shutil.which(name) for name in NAMES)


def install() -> None:
    """Debian's Chromium, where this user may install packages."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    print("No Chromium found; installing Debian's.", file=sys.stderr)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], INSTALL):
        for _ in range(3):
            command = [*APT, *arguments]
            if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode == 0:
                break


if not found():
    install()
    if not found():
        print("No Chromium (apt-get install chromium): no browser tests.", file=sys.stderr)
