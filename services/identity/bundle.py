"""`python -m services.identity.bundle --out FOLDER`: the whole ledger under its newest checkpoint, to be checked.

Writes `checkpoint`, `entries`, `opened` (what is public of their content) and `log.key`; `services.identity.verify`
checks it.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.identity.domain.entries import OPEN_TOPICS
from services.identity.notes import LOG, load_signer
from services.identity.settings import LEDGER, IdentitySettings
from services.identity.store import ledger
from services.kit.database import Database, Transaction


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
    note = newest.note + "".join(f"{line}\n" for line in ledger.cosignatures(tx, newest.size))
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    (folder / "log.key").write_text(key + "\n", encoding="utf-8")
    return newest.size


def main(out: Annotated[Path, typer.Option(help="folder the bundle is written to")]) -> None:
    """Write the bundle of the ledger as it now stands."""
    settings = IdentitySettings()
    database = Database(settings.database_url, pool=1)
    try:
        key = load_signer(LEDGER, LOG, settings.ledger_key_path).key.line()
        with database.transaction(read_only=True) as tx:
            size = write_bundle(tx, out, key)
    finally:
        database.close()
    typer.echo(f"entries: {size}")
    raise typer.Exit(0 if size else 1)


if __name__ == "__main__":
    typer.run(main)
