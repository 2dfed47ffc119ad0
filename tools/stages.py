"""Runs the tests in stages, from cheap to dear: `python tools/stages.py [stage …]`.

Each stage prints its name and its seconds, all run even when one fails, and the end says what
failed and where its log and the browser's pictures are (test-results/). A stage is a process group
of its own: whatever its tests left running is ended with it.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
# Files of a stage go to one worker where fixtures of a module are dear to make.
BY_FILE = ("-n", "3", "--dist", "loadfile")
BY_TEST = ("-n", "3", "--dist", "worksteal")
# Those of stores also wait, for each other and for locks.
BY_STORE = ("-n", "4", "--dist", "worksteal")
STORES = ("tests/storage", "tests/workflows", "tests/scenarios")
STAGES = {
    "house: ruff, import-linter, mypy, documents": ("-m", "house", *BY_TEST, "tests/house"),
    "rules and units": ("-m", "unit", *BY_TEST),
    "stores and stories on SQLite": ("-m", "sqlite", *BY_STORE, *STORES),
    "stores and stories on PostgreSQL": ("-m", "postgresql", *BY_STORE, *STORES),
    "browser": ("-m", "browser", *BY_FILE, "tests/browser"),
}


def run(number: int, name: str, arguments: tuple[str, ...]) -> tuple[bool, Path]:
    """One stage: whether it passed, and its log."""
    log = RESULTS / f"{number}-{re.sub(r'[^a-z]+', '-', name.lower())}.log"
    command = [
        sys.executable, "-m", "pytest", "-q", "--durations=8", "-p", "no:cacheprovider", *arguments
    ]  # fmt: skip
    print(f"== {name}", flush=True)
    start = time.monotonic()
    stage = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        with log.open("w") as kept:
            for line in stage.stdout or ():
                kept.write(line)
                print(line, end="", flush=True)
        code = stage.wait()
    finally:
        _end_group(stage.pid)
    passed = code == 0
    seconds = time.monotonic() - start
    print(f"== {name}: {'passed' if passed else 'FAILED'} in {seconds:.0f} s\n", flush=True)
    return passed, log


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def failures(log: Path) -> list[str]:
    """The lines in which pytest names what failed, or was left out."""
    found = re.findall(r"^(?:FAILED|ERROR|SKIPPED) .*$", log.read_text(), re.M)
    return found or log.read_text().strip().splitlines()[-3:]


def main(wanted: list[str]) -> int:
    """Run the stages, or those whose names begin with one of these words."""
    RESULTS.mkdir(exist_ok=True)
    for old in RESULTS.iterdir():
        old.unlink()
    chosen = {
        name: arguments
        for name, arguments in STAGES.items()
        if not wanted or any(name.startswith(word) for word in wanted)
    }
    if not chosen:
        print(f"No such stage. There are: {'; '.join(STAGES)}", file=sys.stderr)
        return 2
    failed = []
    for number, (name, arguments) in enumerate(chosen.items(), 1):
        passed, log = run(number, name, arguments)
        if not passed:
            failed.append((name, log))
    for name, log in failed:
        print(f"FAILED stage “{name}”; its log is {log}")
        named = failures(log)
        print("\n".join(f"  {line[:300]}" for line in named[:25]))
        if len(named) > 25:
            print(f"  and {len(named) - 25} more")
    if pictures := sorted(str(path) for path in RESULTS.glob("*.png")):
        print("What the browser showed:", *pictures, sep="\n  ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
