"""Starts the app on 127.0.0.1 at a port, or says in a sentence that the port is taken."""

import os
import socket
import sys


def main(port: int) -> None:
    """Become the server. Exit code 1 when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(
                f"Port {port} is taken: is Countersign running already? "
                f"`make run PORT={port + 1}` uses another one."
            )
    print(f"Countersign opens at http://127.0.0.1:{port} (Ctrl-C ends it)", flush=True)
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    os.execv(sys.executable, [*command, "--server.port", str(port)])  # noqa: S606 - no shell


if __name__ == "__main__":
    main(int(sys.argv[1]))
