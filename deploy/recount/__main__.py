"""`python -m deploy.recount --election dien-tap-1`: count again, compare, and end with the number of differences."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

Rows = list[dict[str, Any]]
Difference = tuple[str, object, object]
FIGURES = ("areas", "voters", "took_part", "issued", "collected", "valid", "invalid")
console = Console()


def recount(
    election: Annotated[str, typer.Option(help="which election")],
    public: Annotated[Path | None, typer.Option(help="folder of the public snapshots")] = None,
) -> None:
    """Count an election again from its raw records and compare every total and every elected person."""
    with psycopg.connect(_url("results"), row_factory=dict_row) as results:
        _copy_lists(results, election)
        counting = Path(__file__).with_name("recount.sql").read_text(encoding="utf-8")
        psycopg.ClientCursor(results).execute(counting, {"election": election})  # several statements in one go
        differences = _constituencies(results, election)
        differences += _voters(results, election)
        differences += _duties(results, election)
        if public is not None:
            differences += _snapshot(results, public / election / "latest")
        counted = _one(results, "SELECT count(*) AS n FROM recount_records")
        elected = _one(results, "SELECT count(*) AS n FROM recount_elected")
    _show(differences)
    verdict = "ok" if not differences and counted else "miss"
    console.print(
        f"verdict: {verdict} differences={len(differences)} records={counted} elected={elected} election={election}"
    )
    raise typer.Exit(0 if verdict == "ok" else 1)


def _url(service: str) -> str:
    return os.environ[f"HP_{service.upper()}_DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")


def _one(connection: psycopg.Connection[dict[str, Any]], query: str, **params: object) -> int:
    row = connection.execute(query, params).fetchone()
    assert row is not None
    return int(row["n"])


def _copy_lists(results: psycopg.Connection[dict[str, Any]], election: str) -> None:
    """The standing official lists with the birth dates of the dossiers themselves."""
    query = """
        SELECT l.constituency, l.contest, l.seats, (c.line ->> 'order')::int AS place, d.dossier, d.birth_date,
               coalesce((c.line ->> 'struck')::boolean, false) AS struck
        FROM official_lists AS l CROSS JOIN LATERAL jsonb_array_elements(l.candidates) AS c (line)
        JOIN dossiers AS d ON d.dossier = (c.line ->> 'dossier')::uuid
        WHERE l.election = %(election)s AND l.stands
    """
    with psycopg.connect(_url("candidates"), row_factory=dict_row) as candidates:
        lines = candidates.execute(query, {"election": election}).fetchall()
    results.execute(
        "CREATE TEMPORARY TABLE recount_lists (constituency text, contest text, seats int, place int, dossier uuid, "
        "birth_date date, struck boolean)"
    )
    with results.cursor() as cursor, cursor.copy("COPY recount_lists FROM STDIN") as copy:
        for line in lines:
            copy.write_row(tuple(line.values()))


def _constituencies(results: psycopg.Connection[dict[str, Any]], election: str) -> list[Difference]:
    """Every sum, every candidate's votes and every elected person against what the results service told."""
    told = {
        row["data"]["result"]["constituency"]: row["data"]["result"]
        for row in results.execute(
            "SELECT DISTINCT ON (aggregate) data FROM outbox WHERE topic = 'results.result_advanced' "
            "AND aggregate LIKE %(of)s ORDER BY aggregate, version DESC",
            {"of": f"result/{election}/%"},
        )
    }
    return _compare_results(results, told)


def _compare_results(results: psycopg.Connection[dict[str, Any]], told: dict[str, Any]) -> list[Difference]:
    differences: list[Difference] = []
    sums = {row["constituency"]: row for row in results.execute("SELECT * FROM recount_sums")}
    votes = _by_constituency(
        results,
        "SELECT constituency, dossier::text AS k, votes AS v "
        "FROM recount_lists JOIN recount_votes USING (constituency, place)",
    )
    elected = _by_constituency(results, "SELECT constituency, dossier::text AS k, votes AS v FROM recount_elected")
    for code, row in sorted(sums.items()):
        result = told.get(code)
        if result is None:
            differences.append((f"{code} told", "a result", "nothing"))
            continue
        lines = {line["candidate"]["dossier"]: line for line in result["candidates"]}
        pairs = [(f"{code} {name}", int(row[name]), result["totals"][name]) for name in FIGURES]
        pairs.append((f"{code} votes", votes.get(code, {}), {key: line["votes"] for key, line in lines.items()}))
        won = sorted(key for key, line in lines.items() if line["elected"])
        pairs.append((f"{code} elected", sorted(elected.get(code, {})), won))
        differences += [pair for pair in pairs if pair[1] != pair[2]]
    extra = set(told) - set(sums)
    return differences + [
        (f"{code} told", "no records", "a result") for code in sorted(extra) if told[code]["approved"]
    ]


def _by_constituency(results: psycopg.Connection[dict[str, Any]], query: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in results.execute(query):
        found.setdefault(row["constituency"], {})[row["k"]] = int(row["v"])
    return found


def _voters(results: psycopg.Connection[dict[str, Any]], election: str) -> list[Difference]:
    """The entries of every voter list, counted one by one, against the totals that results works with."""
    query = """
        SELECT area, count(*) FILTER (WHERE na) AS na, count(*) FILTER (WHERE pc) AS pc,
               count(*) FILTER (WHERE cc) AS cc, count(*) FILTER (WHERE sex = 'male') AS male
        FROM entries WHERE election = %(election)s AND active GROUP BY area
    """
    with psycopg.connect(_url("voters"), row_factory=dict_row) as voters:
        counted = {row.pop("area"): row for row in voters.execute(query, {"election": election})}
    heard = {
        row["area"]: {name: int(row["rights"][name]) for name in ("na", "pc", "cc", "male")}
        for row in results.execute("SELECT area, rights FROM voter_lists WHERE election = %(e)s", {"e": election})
    }
    areas = sorted(counted.keys() | heard.keys())
    return [
        (f"{area} list", counted.get(area), heard.get(area)) for area in areas if counted.get(area) != heard.get(area)
    ]


def _duties(results: psycopg.Connection[dict[str, Any]], election: str) -> list[Difference]:
    """No record counts that fewer than three different people made; every letter was told."""
    same = _one(
        results,
        "SELECT count(*) AS n FROM records WHERE election = %(e)s AND state = 'approved' AND (first_by = second_by "
        "OR approved_by IN (first_by, second_by) OR compared_by IN (first_by, second_by, approved_by))",
        e=election,
    )
    gaps = _one(
        results,
        "SELECT count(*) AS n FROM (SELECT FROM outbox GROUP BY aggregate HAVING max(version) <> count(*)) AS gaps",
    )
    found = [("records by too few people", 0, same), ("aggregates with a version missing", 0, gaps)]
    return [row for row in found if row[1] != row[2]]


def _snapshot(results: psycopg.Connection[dict[str, Any]], folder: Path) -> list[Difference]:
    """What the public reads: every constituency file of the newest snapshot."""
    told = {}
    for path in sorted(folder.rglob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and "constituency" in found and "candidates" in found:
            told[found["constituency"]] = found
    if not told:
        return [("public snapshot", "constituency files", f"none in {folder.name}")]
    return [(f"public {words}", right, said) for words, right, said in _compare_results(results, told)]


def _show(differences: list[Difference]) -> None:
    if not differences:
        return
    table = Table("what", "recounted", "the system says", title="Differences")
    for words, right, said in differences[:50]:
        table.add_row(words, str(right), str(said))
    console.print(table)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(recount)
    app()
