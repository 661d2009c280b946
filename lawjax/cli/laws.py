"""`lawjax laws`: the catalogue. Without a command it lists the laws; `show`, `cite` and `papers` say more."""

import inspect
from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.output import emit_text
from lawjax.errors import InputError, choose

app = typer.Typer(help="List the laws, or show one in full.", invoke_without_command=True)
Name = Annotated[str, typer.Argument(metavar="LAW", help="Name of a law.")]


@app.callback()
def laws(
    ctx: typer.Context,
    family: Annotated[str | None, typer.Option("--family", help="Only this family, as mixture.")] = None,
    takes: Annotated[str | None, typer.Option("--input", help="Only laws that take this input, as N.")] = None,
    about: Annotated[str | None, typer.Option("--about", help="Only laws whose text holds this word.")] = None,
    as_json: o.Json = False,
) -> None:
    """List the laws, or show one in full."""
    if ctx.invoked_subcommand is not None:
        return
    records = [
        record
        for record in _all_records(family)
        if (takes is None or takes in record["inputs"]) and (about is None or about.lower() in _words(record))
    ]
    if not records:
        raise InputError("no law fits these filters. `lawjax laws` lists them all.")
    emit_text({"laws": records}, _laws_table(records), as_json=as_json)


@app.command()
def show(name: Name, as_json: o.Json = False) -> None:
    """Show a law: formula, inputs, parameters, published coefficients, paper, decision, caveats."""
    record = _law_record(parsing.law(name))
    emit_text(record, _law_text(record), as_json=as_json)


@app.command()
def cite(name: Name, as_json: o.Json = False) -> None:
    """Print the BibTeX entry of the paper that a law is from."""
    from lawjax.laws import cite as entry_of

    entry = entry_of(parsing.law(name))
    emit_text({"law": name, "bibtex": entry}, entry, as_json=as_json)


@app.command()
def papers(as_json: o.Json = False) -> None:
    """List the papers: their laws, what is reproduced, the decision, the data."""
    from lawjax.laws import PAPERS

    records = [_paper_record(paper) for paper in PAPERS.values()]
    emit_text({"papers": records}, "\n".join(_paper_lines(record) for record in records), as_json=as_json)


def _all_records(family: str | None) -> list[dict[str, Any]]:
    from lawjax.laws import FAMILIES

    chosen = FAMILIES if family is None else {family: FAMILIES[choose("family of laws", family, FAMILIES)]}
    return [_law_record(law) for found in chosen.values() for law in found]


def _words(record: dict[str, Any]) -> str:
    return f"{record['name']} {record['text']} {(record['paper'] or {}).get('title', '')}".lower()


def _law_record(law: Any) -> dict[str, Any]:
    from lawjax.laws import FAMILIES, PAPERS, PUBLISHED

    paper = PAPERS.get(law.reference)
    return {
        "name": law.name,
        "family": next((name for name, laws in FAMILIES.items() if law in laws), "size"),
        "what": law.summary,
        "formula": law.formula,
        "response": law.response,
        "unit": law.unit,
        "support": law.support,
        "inputs": {name: _input_record(law, name) for name in law.inputs},
        "params": {name: _param_record(param) for name, param in law.params.items()},
        "reference": law.reference,
        "paper": None if paper is None else _paper_record(paper),
        "published": {key: _published_record(entry) for key, entry in PUBLISHED.items() if entry.law is law},
        "text": inspect.getdoc(law.fn) or "",
    }


def _input_record(law: Any, name: str) -> dict[str, Any]:
    variable = law.inputs[name]
    trend = "falls" if name in law.falls else "rises" if name in law.rises else ""
    return {"unit": variable.unit, "kind": variable.kind, "size": variable.size, "response": trend}


def _param_record(param: Any) -> dict[str, Any]:
    dims = {name: power if isinstance(power, str | int | float) else "derived" for name, power in param.dims.items()}
    return {"low": param.low, "high": param.high, "edges": list(param.edges), "dims": dims, "size": param.size}


def _published_record(entry: Any) -> dict[str, Any]:
    return {
        "params": dict(entry.params),
        "printed": dict(entry.printed),
        "scale": dict(entry.scale),
        "setting": entry.setting,
        "log_base": entry.log_base,
        "source": entry.source,
        "note": entry.note,
        "worked": [{"inputs": dict(w.inputs), "value": w.value, "source": w.source} for w in entry.worked],
    }


def _paper_record(paper: Any) -> dict[str, Any]:
    from lawjax.laws.records import STATUSES

    return {
        "reference": paper.reference,
        "title": paper.title,
        "arxiv": paper.arxiv,
        "laws": list(paper.laws),
        "status": paper.status,
        "status_means": STATUSES[paper.status],
        "reproduced": paper.reproduced,
        "test": paper.test,
        "decision": list(paper.decision),
        "data": paper.data,
        "caveats": list(paper.caveats),
    }


def _laws_table(records: list[dict[str, Any]]) -> str:
    from lawjax.text import table

    rows = [
        [r["name"], r["family"], f"{r['response']}({', '.join(r['inputs'])})", r["reference"]]
        for r in sorted(records, key=lambda record: record["family"])
    ]
    footer = f"{len(rows)} laws. `lawjax laws show NAME` shows one in full."
    return table(["law", "family", "predicts", "reference"], rows, footer=footer)


def _law_text(record: dict[str, Any]) -> str:
    from lawjax.text import number, table

    usual = [
        [name, number(p["low"], 3), number(p["high"], 3), " ".join(f"{v}^{e}" for v, e in p["dims"].items())]
        for name, p in record["params"].items()
    ]
    inputs = [[name, i["kind"], i["unit"], i["response"]] for name, i in record["inputs"].items()]
    parts = [
        f"{record['name']} ({record['family']})\n\n{record['text']}\n",
        table(["input", "kind", "unit", f"{record['response']} with it"], inputs),
        table(["parameter", "usually from", "to", "dimension"], usual),
        *(_published_text(key, entry) for key, entry in record["published"].items()),
        _paper_text(record["paper"]),
    ]
    return "\n".join(part for part in parts if part)


def _published_text(key: str, entry: dict[str, Any]) -> str:
    from lawjax.text import values

    listed = ", ".join(f"{name}={values(value, 6)}" for name, value in entry["params"].items())
    lines = [f"\n--published {key}: {listed}", f"  {entry['source']}", entry["setting"] and f"  {entry['setting']}"]
    lines += [entry["log_base"] and f"  logarithms: {entry['log_base']}", entry["note"] and f"  {entry['note']}"]
    return "\n".join(line for line in lines if line)


def _paper_lines(paper: dict[str, Any]) -> str:
    """A paper in two lines of a list."""
    laws = ", ".join(paper["laws"]) or "no law"
    return f"{paper['reference']}: {paper['title']}\n    {paper['status']}; {laws}"


def _paper_text(paper: dict[str, Any] | None) -> str:
    if paper is None:
        return ""
    lines = [f"\n{paper['title']}, arXiv:{paper['arxiv']}: {paper['status_means']}."]
    lines += [f"reproduced: {paper['reproduced']}" + (f" ({paper['test']})" if paper["test"] else "")]
    lines += [f"decision: lawjax.decisions.{name}" for name in paper["decision"]]
    lines += [f"data: {paper['data']}", *(f"mind: {caveat}" for caveat in paper["caveats"])]
    return "\n".join(lines)
