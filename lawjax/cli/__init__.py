"""The command line: the same verbs as the Python names, files in, files out.

`app.py` holds `main`, how it fails and the list of commands; one file per group of commands; `parsing.py` reads what
is written as `N=1,D=2`, `files.py` finds tables and saved results, `output.py` prints.
"""

from lawjax.cli.app import main

__all__ = ["main"]
