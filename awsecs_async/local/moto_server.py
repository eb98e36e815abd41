"""moto's server as a child process: `python -m awsecs_async.local.moto_server`.

It takes any free port on loopback, writes it as one line, and ends when its standard input
does. It has a process of its own because it takes two seconds to import, weighs 200 MB, and
answers from threads.
"""

from __future__ import annotations

import os
import sys
import threading

from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Drop what would go to standard error for every request."""


def main() -> None:
    """Serve until standard input ends."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # moto's threads have nothing to save


if __name__ == "__main__":
    main()
