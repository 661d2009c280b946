"""Writes docs/laws.md from the records of the catalogue: `python docs/laws.py`; `--check` only compares."""

import inspect
import sys
from pathlib import Path

from lawjax import decisions
from lawjax.laws import ALL, FAMILIES, PAPERS, PUBLISHED, Law, Paper
from lawjax.laws.records import STATUSES

PAGE = Path(__file__).with_suffix(".md")
STATUS = {"verified": "verified form", "ours": "our form", "none": "no law"}
HEAD = """# The laws

<!-- Written by `python docs/laws.py` from the records in lawjax/laws; a test compares. -->

{num_laws} laws, {num_published} sets of published coefficients, {num_papers} papers and {num_further} further sources.
`lawjax laws` lists and filters them, `lawjax laws show NAME` prints one in full, `lj.laws.cite(law)` says what to cite.
[How to add one](adding-laws.md).

Status: {statuses}.

"""


def page() -> str:
    """The whole page."""
    papers = [paper for paper in PAPERS.values() if not paper.further]
    further = [paper for paper in PAPERS.values() if paper.further]
    head = HEAD.format(
        num_laws=len(ALL),
        num_published=len(PUBLISHED),
        num_papers=len(papers),
        num_further=len(further),
        statuses="; ".join(f"*{STATUS[key]}*, {meaning}" for key, meaning in STATUSES.items()),
    )
    parts = [
        head,
        "## The papers\n\n" + papers_table(papers),
        "## Further sources\n\n" + papers_table(further),
        "## The decisions\n\n" + decisions_table(),
        "## The formulas\n\n" + "\n".join(family_section(name, laws) for name, laws in FAMILIES.items()),
        "## What to mind\n\n" + caveats(list(PAPERS.values())),
    ]
    return "\n".join(parts)


def papers_table(papers: list[Paper]) -> str:
    """One row per paper."""
    head = "| paper | law | status | published numbers reproduced | decision | data |\n|---|---|---|---|---|---|\n"
    return head + "".join(paper_row(paper) for paper in papers)


def paper_row(paper: Paper) -> str:
    """A paper as a row of the table."""
    title = f"{paper.title} ([{paper.arxiv}](https://arxiv.org/abs/{paper.arxiv}))"
    laws = ", ".join(f"`{name}`" for name in paper.laws) or "none"
    test = f" (`{paper.test}`)" if paper.test else ""
    decision = ", ".join(f"`{name}`" for name in paper.decision) or "none"
    cells = [title, laws, STATUS[paper.status], paper.reproduced + test, decision, paper.data]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def decisions_table() -> str:
    """Every decision with the question that it answers."""
    functions = {name: getattr(decisions, name) for name in decisions.__all__ if name != "Answer"}
    head = "| `lawjax.decisions` | the question |\n|---|---|\n"
    rows = [f"| `{name}` | {inspect.getdoc(fn).partition(chr(10))[0]} |" for name, fn in functions.items()]
    return head + "\n".join(rows) + "\n"


def family_section(name: str, laws: tuple[Law, ...]) -> str:
    """The formulas of a family."""
    rows = "".join(law_row(law) for law in laws)
    return f"### {name.capitalize()}\n\n| law | formula | inputs | parameters |\n|---|---|---|---|\n{rows}"


def law_row(law: Law) -> str:
    """A law as a row: its formula in LaTeX, its inputs with their units, its parameters."""
    formula = " ".join(law.formula.split()).replace("|", r"\vert ")
    inputs = ", ".join(f"{name} [{v.unit}]" if v.unit else name for name, v in law.inputs.items())
    return f"| `{law.name}` | ${formula}$ | {inputs} | {', '.join(law.params)} |\n"


def caveats(papers: list[Paper]) -> str:
    """Contradictions in the sources, unit traps, and what is ours."""
    lines = [f"* **{paper.title}**: {' '.join(paper.caveats)}" for paper in papers if paper.caveats]
    notes = [f"* **`{entry.name}`** ({entry.source}): {entry.note}" for entry in PUBLISHED.values() if entry.note]
    return "\n".join([*lines, "", "Of single sets of coefficients:", "", *notes, ""])


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            0 if PAGE.read_text(encoding="utf-8") == page() else "docs/laws.md is stale: run `python docs/laws.py`."
        )
    PAGE.write_text(page(), encoding="utf-8")
