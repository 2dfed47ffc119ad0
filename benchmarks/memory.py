"""Memory and growth of a large sync: `python benchmarks/memory.py [users]`.

Syncs 50,000 users three times in processes of their own: full, full again, and incrementally, with
nothing changed between. Prints the most memory that each process held (VmHWM; the limit is 400 MB)
and how much the store grew (the limit is a tenth of the first sync).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.sync import UNLIMITED, tenant  # noqa: E402

LIMIT_MB, LIMIT_GROWTH = 400, 0.10
SYNC = """
import sys
sys.argv = ["cli.py", "sync", "--mode", sys.argv[1]]
import runpy
try:
    runpy.run_path({cli!r}, run_name="__main__")
finally:
    peak = next(l for l in open("/proc/self/status") if l.startswith("VmHWM"))
    print("peak", peak.split()[1], file=sys.stderr)
"""


def stored(folder: Path) -> int:
    """Bytes of the store, its log written back."""
    return sum(path.stat().st_size for path in folder.glob("countersign.db*"))


def main() -> None:
    """Sync three times."""
    users = sys.argv[1] if len(sys.argv) > 1 else "50000"
    size = ("--users", users, "--groups", "500", "--apps", "40")
    with tempfile.TemporaryDirectory() as name, tenant(*size, *UNLIMITED) as about:
        folder = Path(name)
        environment = {
            **os.environ,
            "COUNTERSIGN_DATA_DIR": name,
            "COUNTERSIGN_ALLOW_LOOPBACK": "1",
            "COUNTERSIGN_LOG_LEVEL": "WARNING",
            "DEMO_KEY": about["api_key"],
        }
        cli = str(ROOT / "cli.py")
        connect = (
            "connect", "--organization", about["url"], "--api-key-env", "DEMO_KEY",
            "--email-domain", "meridian.example", "--access-reviews",
        )  # fmt: skip
        subprocess.run([sys.executable, cli, *connect], env=environment, check=True,
                       capture_output=True)  # fmt: skip
        first = 0
        for what, mode in (("full", "full"), ("again", "full"), ("quick", "incremental")):
            before = stored(folder)
            done = subprocess.run(
                [sys.executable, "-c", SYNC.format(cli=cli), mode],
                env=environment, capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-500:]
            peak = int(done.stderr.rsplit("peak ", 1)[1].split()[0]) / 1024
            grown = stored(folder) - before
            first = first or grown
            print(
                f"{what:<6} {peak:4.0f} MB at most, {peak / LIMIT_MB:.2f} of the limit; store grew "
                f"by {grown / 2**20:.1f} MB, {grown / first:.3f} of the first",
                flush=True,
            )


if __name__ == "__main__":
    main()
