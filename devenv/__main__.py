"""`python -m devenv`."""

import sys

from devenv.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
