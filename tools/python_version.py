"""Says in words when Python is too old; must itself be readable by any Python 3."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - that is what this file is for
    sys.exit(
        "Countersign needs Python 3.11 or newer, and this is "
        + sys.version.split()[0]
        + ". Install a newer one and run `make run PYTHON=python3.11`."
    )
