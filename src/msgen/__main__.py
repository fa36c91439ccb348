"""`python -m msgen` and the `msgen` command."""

import io
import signal
import sys


def main() -> None:
    # A terminated run tidies up as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A terminal that cannot show a file's name must not be why nothing is said.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    from msgen.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
