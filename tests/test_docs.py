"""What README and docs point at is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_resolves(page):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_every_reference_of_a_law_is_in_the_bibliography():
    from lawjax.laws import ALL

    keys = set(re.findall(r"@\w+\{(\w+),", (ROOT / "lawjax" / "laws" / "references.bib").read_text(encoding="utf-8")))
    assert {law.reference for law in ALL.values()} <= keys


def test_the_page_of_laws_is_what_the_records_say():
    done = subprocess.run(
        [sys.executable, "docs/laws.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
