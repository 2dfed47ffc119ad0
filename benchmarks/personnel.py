"""How fast personnel is derived: 50,000 people, as a ratio to the second that issue 2 allows.

Run with `python benchmarks/personnel.py [people]`. Prints, never judges: machines differ.
"""

import sys
import timeit
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from controls.personnel import derive

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LIMIT_SECONDS = 1.0
START_DATES = (None, "2024-03-01", "03/31/2024", "2027-01-01T00:00:00Z", "soon")
TIMES = ("created_at", "last_login_at", "absent_since", "deactivated_at")


def users(count: int) -> pd.DataFrame:
    """Users of all kinds, as storage.snapshots.frame gives them."""
    number = np.arange(count)
    frame = pd.DataFrame(
        {
            "connection_id": 1,
            "user_id": [f"00u{n:017d}" for n in number],
            "login": [f"person.{n}@acme.com" for n in number],
            "email": [f"Person.{n}@{'other.com' if n % 20 == 0 else 'ACME.com'}" for n in number],
            "first_name": [f"First{n}" for n in number],
            "last_name": [f"Last{n}" for n in number],
            "display_name": None,
            "status": np.where(number % 9 == 0, "DEPROVISIONED", "ACTIVE"),
            "created_at": [NOW - timedelta(hours=int(n)) for n in number],
            "last_login_at": [NOW - timedelta(hours=int(n) % 999) for n in number],
            "user_type_id": "oty1",
            "user_type": ["service" if n % 50 == 0 else None for n in number],
            "department": "Engineering",
            "title": "Engineer",
            "manager": None,
            "manager_id": None,
            "drata_start_date": [START_DATES[n % len(START_DATES)] for n in number],
            "drata_contractor": ["true" if n % 7 == 0 else None for n in number],
            "presence": np.where(number % 31 == 0, "left_group", "present"),
            "absent_since": [NOW if n % 31 == 0 else None for n in number],
            "deactivated_at": [NOW if n % 9 == 0 else None for n in number],
        }
    )
    for column in TIMES:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def overrides(count: int) -> pd.DataFrame:
    """An override for one person in fifty."""
    ids = [f"00u{n:017d}" for n in range(0, count, 50)]
    return pd.DataFrame({"user_id": ids, "field": "start_date", "value": "2025-02-03"})


def main() -> None:
    """Print the best of five."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    frame, said = users(count), overrides(count)
    seconds = min(
        timeit.repeat(
            lambda: derive(
                frame,
                said,
                today=NOW.date(),
                email_domains=("acme.com",),
                mailbox_names=("info", "support", "noreply"),
                service_user_types=("service",),
            ),
            number=1,
            repeat=5,
        )
    )
    print(
        f"personnel.derive: {count:,} people in {seconds:.2f} s, "
        f"{seconds / LIMIT_SECONDS:.2f} of the {LIMIT_SECONDS:.0f} s allowed for 50,000"
    )


if __name__ == "__main__":
    main()
