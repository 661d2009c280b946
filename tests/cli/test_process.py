"""The command line as a process: it starts fast, reads standard input, and keeps its two streams apart."""

import json
import subprocess
import sys

START = "import sys; from lawjax.cli import main; sys.exit(main())"


def lawjax(*argv: str, stdin: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", START, *argv], input=stdin, capture_output=True, text=True, check=False
    )


def test_help_loads_no_jax():
    code = (
        "import sys, lawjax.cli as c; c.main(['--help']); print(sorted({'jax', 'numpy', 'pandas'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_table_comes_in_on_standard_input_and_one_object_goes_out():
    done = lawjax("data", "-", "--where", "x > 1", "--json", stdin="x,loss\n1,3.0\n10,2.5\n100,2.2\n")

    assert done.returncode == 0
    assert json.loads(done.stdout)["columns"] == {"x": [10, 100], "loss": [2.5, 2.2]}


def test_a_bad_file_ends_with_status_two_and_one_line():
    done = lawjax("fit", "nowhere.csv")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
