"""``python -m awsecs_async``, and the console script ``awsecs-async``.

Nothing heavy is imported here. A failure that is told in one line is told there by its command; what comes
this far is a defect of ours, and ends with exit status 125 and, with ``--debug``, its traceback.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; never returns."""
    _open_standard_streams()
    from awsecs_async.cli.app import app

    try:
        app(prog_name="awsecs-async")
    except KeyboardInterrupt:  # before there was anything to stop
        sys.stderr.write("awsecs: interrupted: nothing was submitted\n")
        sys.exit(130)
    except BrokenPipeError:  # whoever read our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        what = f"{type(error).__name__}: {error}"
        sys.stderr.write(f"awsecs: this should not have happened: {what}; add --debug to see where\n")
        sys.exit(125)


def _open_standard_streams() -> None:
    """Lead what came closed to nowhere; else the next pipe takes its number, and is taken for it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 (it lives as long as we do)
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w")  # noqa: SIM115


if __name__ == "__main__":
    main()
