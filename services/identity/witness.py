"""A witness of the ledger: `python -m services.identity.witness --gateway URL --name 46 --folder FOLDER`.

It keeps the last checkpoint it saw and signs a newer one only with the proof that nothing before was changed. Run it on
a machine of the province, not of whoever runs the system. `FOLDER` holds its private key, made on first use, and
`held`, the checkpoint it last signed; a refusal is told on the last line and exits with 1, for somebody must look.
"""

import json
import os
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from uuid import uuid4

import typer

from services.identity.notes import Signer, load_signer, make_key
from services.kit.proofs import WITNESS, Broken, Checkpoint, Key, Note, grows

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
_SECONDS = 20
_ACTS = {"cosign"}


class Forked(Exception):
    """The log shows a history that does not grow from the one this witness has seen."""


@dataclass
class Witness:
    """A signer, the log's key it trusts since it first saw it, and what it holds."""

    signer: Signer
    folder: Path

    def look(self, ask: Ask) -> int:
        """The newest checkpoint is seen and signed when it only adds; its size. Forked, or Broken, when not."""
        told = ask("latest_checkpoint", {})
        note = Note.read(told["note"])
        self._require_the_log(note, told["key"])
        held, fresh = self.held(), note.checkpoint
        if held is not None:
            self._require_growth(ask, held, fresh)
        # on disk before the signature leaves: a witness that forgets could sign two histories
        _write(self.folder / "held", told["note"])
        line = self.signer.cosign(fresh, int(time.time()))
        ask("cosign", {"key": str(uuid4()), "size": fresh.size, "signature": line})
        return fresh.size

    def held(self) -> Checkpoint | None:
        """The checkpoint last signed; None before the first."""
        place = self.folder / "held"
        return Note.read(place.read_text(encoding="utf-8")).checkpoint if place.exists() else None

    def _require_the_log(self, note: Note, told: str) -> None:
        place = self.folder / "log.key"
        if not place.exists():
            _write(place, told + "\n")
        if not note.is_signed_by(Key.read(place.read_text(encoding="utf-8"))):
            raise Forked("the checkpoint is not signed by the key this witness has known from the beginning")

    def _require_growth(self, ask: Ask, held: Checkpoint, fresh: Checkpoint) -> None:
        if fresh.size < held.size or fresh.origin != held.origin:
            raise Forked(f"the log shows {fresh.size} entries; this witness has seen {held.size}")
        steps: list[bytes] = []
        if 0 < held.size < fresh.size:
            answer = ask("growth", {"old": held.size, "size": fresh.size})
            steps = [bytes.fromhex(step) for step in answer["hashes"]]
        if not grows(held, fresh, steps):
            raise Forked(f"the first {held.size} of {fresh.size} entries are not those this witness has seen")


def _write(place: Path, text: str) -> None:
    draft = place.with_name(place.name + ".new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)


def asking(gateway: str) -> Ask:
    """Questions to the ledger through the gateway."""

    def ask(door: str, body: dict[str, Any]) -> dict[str, Any]:
        place = f"{gateway.rstrip('/')}/api/v1/identity/{door}"
        if door in _ACTS:
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(place, json.dumps(body).encode(), headers)  # noqa: S310
        else:
            request = urllib.request.Request(f"{place}?{urlencode(body)}")  # noqa: S310
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  the address is the operator's own
            told: dict[str, Any] = json.load(answer)
        return told

    return ask


def opened(name: str, folder: Path) -> Witness:
    """The witness whose key and memory a folder holds; made on first use."""
    make_key(folder / "witness.key")
    return Witness(load_signer(name, WITNESS, folder / "witness.key"), folder)


def main(
    gateway: Annotated[str, typer.Option(help="address of the gateway")],
    name: Annotated[str, typer.Option(help="name of the witness, as registered")],
    folder: Annotated[Path, typer.Option(help="where its key and the last checkpoint live")],
    every: Annotated[int, typer.Option(help="seconds between looks; 0 looks once")] = 0,
) -> None:
    """Print the public key to register, then look at the newest checkpoint and sign it."""
    witness = opened(name, folder)
    typer.echo(f"witness: {witness.signer.key.line()}")
    while True:
        try:
            typer.echo(f"seen: {witness.look(asking(gateway))}")
        except (Forked, Broken) as fork:
            typer.echo(f"refused: {fork}")
            raise typer.Exit(1) from fork
        except HTTPError as told:
            typer.echo(f"not yet: {told.code} {told.read(500).decode(errors='replace')}")
        except (URLError, OSError) as away:
            typer.echo(f"not yet: {away}")
        else:
            if every <= 0:
                return
        if every <= 0:
            raise typer.Exit(2)
        time.sleep(every)


if __name__ == "__main__":
    typer.run(main)
