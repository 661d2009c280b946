"""`python -m lawjax`: the command line."""

import sys

from lawjax.cli import main

sys.exit(main())
