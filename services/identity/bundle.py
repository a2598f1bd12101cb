"""`python -m services.identity.bundle --out FOLDER`: the whole ledger under its newest checkpoint, to be checked.

Writes `checkpoint`, `entries`, `opened` (what is public of their content) and `log.key`; `services.identity.verify`
checks it. With `--figure NA-46-01 --election 2026 --out FILE` it writes all that proves that one result instead, for
`services.identity.verify figure`.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.contracts.ledger import FigureOf
from services.identity.domain.entries import OPEN_TOPICS
from services.identity.figure_evidence import figure_evidence, path_of, signed_note
from services.identity.notes import load_signer
from services.identity.settings import LEDGER, IdentitySettings
from services.identity.store import ledger
from services.kit.database import Database, Transaction
from services.kit.proofs import LOG


def write_bundle(tx: Transaction, folder: Path, key: str) -> int:
    """The bundle is in the folder; the number of entries. A ledger without a checkpoint gives none."""
    newest = ledger.newest_checkpoint(tx)
    if newest is None:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "entries").open("w", encoding="utf-8") as entries, (folder / "opened").open("w") as opened:
        for row in ledger.lines(tx, newest.size):
            entries.write(row.line + "\n")
            if row.topic in OPEN_TOPICS:
                told = {"place": row.place, "salt": row.salt.hex(), "content": row.content}
                opened.write(json.dumps(told) + "\n")
    (folder / "checkpoint").write_text(signed_note(tx, newest), encoding="utf-8")
    (folder / "log.key").write_text(key + "\n", encoding="utf-8")
    return newest.size


def write_figure(tx: Transaction, file: Path, asked: tuple[str, str, int], key: str) -> int:
    """The evidence of a figure, (election, constituency, size of a held checkpoint), is in the file; its entries."""
    election, constituency, held = asked
    newest = ledger.newest_checkpoint(tx)
    path = path_of(tx, election, constituency, newest.size) if newest else ""
    if newest is None or not path:
        return 0
    told = FigureOf(election=election, unit=path, constituency=constituency, held=held)
    found = figure_evidence(tx, told, newest, signed_note(tx, newest), key)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(found.model_dump_json(), encoding="utf-8")
    return len(found.entries)


def main(
    out: Annotated[Path, typer.Option(help="folder of the whole ledger, or file of the evidence of one figure")],
    figure: Annotated[str, typer.Option(help="a constituency, as NA-46-01: only what proves its result")] = "",
    election: Annotated[str, typer.Option(help="the election of that figure")] = "",
    held: Annotated[int, typer.Option(help="size of a checkpoint the reader holds from before")] = 0,
) -> None:
    """Write the ledger as it now stands, or all that proves one published figure."""
    settings = IdentitySettings()
    database = Database(settings.database_url, pool=1)
    try:
        key = load_signer(LEDGER, LOG, settings.ledger_key_path).key.line()
        with database.transaction(read_only=True) as tx:
            size = write_figure(tx, out, (election, figure, held), key) if figure else write_bundle(tx, out, key)
    finally:
        database.close()
    typer.echo(f"entries: {size}")
    raise typer.Exit(0 if size else 1)


if __name__ == "__main__":
    typer.run(main)
