"""`python -m msgen` and the `msgen` command."""

import sys


def main() -> None:
    from msgen.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
