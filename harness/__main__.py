"""The `harness` command."""

import sys

from harness.commands.parser import main as main

if __name__ == "__main__":
    sys.exit(main())
