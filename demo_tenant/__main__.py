"""`python -m demo_tenant`: serve the pretend organization until interrupted."""

import argparse
import json
import os
import sys
import threading
from datetime import date

from demo_tenant.server import DemoTenant, serve


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="demo_tenant", description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("--rate-limit-scale", type=float, default=1.0)
    parser.add_argument("--today", type=date.fromisoformat, default=None)
    parser.add_argument("--days", type=int, default=0, help="days that have passed already")
    parser.add_argument("--groups", type=int, default=0, help="at least so many groups")
    parser.add_argument("--apps", type=int, default=0, help="at least so many applications")
    parser.add_argument("--announce-json", action="store_true")
    parser.add_argument("--until-stdin-closes", action="store_true")
    args = parser.parse_args()
    if args.until_stdin_closes:
        # Whoever started us holds our stdin: when they end, however, so do we.
        threading.Thread(target=_wait_for_the_end, daemon=True).start()

    def announce(tenant: DemoTenant) -> None:
        if args.announce_json:
            print(json.dumps(tenant.announcement()), flush=True)
            return
        print(
            f"A pretend Okta organization answers at {tenant.url}\n"
            f"  API key        {tenant.api_key}\n"
            f"  client ID      {tenant.client_id}\n"
            f"  client secret  {tenant.client_secret}\n"
            f"  e-mail domain  meridian.example\n"
            f"  group label    Workforce\n"
            "Connect with COUNTERSIGN_ALLOW_LOOPBACK=1. Stop with Ctrl-C.",
            flush=True,
        )

    try:
        serve(
            announce=announce,
            port=args.port,
            users=args.users,
            seed=args.seed,
            latency_ms=args.latency_ms,
            rate_limit_scale=args.rate_limit_scale,
            today=args.today,
            days=args.days,
            groups=args.groups,
            apps=args.apps,
        )
    except KeyboardInterrupt:
        return
    except OSError as error:
        sys.exit(f"Port {args.port} cannot be used: {error.strerror}.")


def _wait_for_the_end() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
