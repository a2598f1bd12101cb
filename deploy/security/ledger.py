"""`python -m deploy.security.ledger`: the ledger bent 100,000 times, found each time; a million entries verified (S10).

A bundle is made from a seed with real keys, its newest checkpoint seen by a witness. Each trial bends a copy in one
way; in half of those that touch the entries the log's own key signs the bent tree, so that only the checkpoint held
from before tells. Whoever finds it is the verifier itself, in this process, and for some trials by its command line.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Annotated
from uuid import UUID

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.chaos.verdict import Plan, Verdict
from services.identity.domain.merkle import Frontier, consistency_terms, inclusion_terms, leaf_hash, proof
from services.identity.notes import Signer, note_of
from services.identity.settings import LEDGER
from services.identity.verify import faults
from services.kit.proofs import LOG, WITNESS, Checkpoint, Key, Note, grows, includes, roots

ROOT = Path(__file__).resolve().parents[2]
_AT = 1_800_000_000
_OPENED_EVERY = 4


@dataclass(frozen=True)
class Bundle:
    """A bundle as it lies on the disk."""

    lines: tuple[bytes, ...]
    opened: tuple[str, ...]
    checkpoint: str

    def write(self, folder: Path) -> None:
        """The three files."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "entries").write_bytes(b"".join(line + b"\n" for line in self.lines))
        (folder / "opened").write_text("".join(f"{row}\n" for row in self.opened), encoding="utf-8")
        (folder / "checkpoint").write_text(self.checkpoint, encoding="utf-8")


@dataclass
class Case:
    """A whole bundle, what who checks it trusts, and what a forger has: other keys, and the log's own."""

    seed: int
    size: int
    log: Signer = field(init=False)
    witness: Signer = field(init=False)
    stranger: Signer = field(init=False)
    bundle: Bundle = field(init=False)
    nodes: dict[tuple[int, int], bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.log, self.stranger = _signer(LEDGER, LOG, self.seed), _signer(LEDGER, LOG, self.seed + 1)
        self.witness = _signer("46", WITNESS, self.seed)
        made = [entry(self.seed, place) for place in range(self.size)]
        lines = tuple(line for line, _ in made)
        _, self.nodes = Frontier().appended([leaf_hash(line) for line in lines])
        self.bundle = Bundle(lines, tuple(row for _, row in made if row), self.note(self.checkpoint_of(lines)))

    def checkpoint_of(self, lines: tuple[bytes, ...]) -> Checkpoint:
        """What the log would say of a tree with these leaves."""
        return Checkpoint(LEDGER, len(lines), roots(lines, ())[-1])

    def note(self, told: Checkpoint) -> str:
        """The checkpoint signed by the log and seen by the witness."""
        return note_of(told, [self.log.sign(told), self.witness.cosign(told, _AT)])

    @property
    def keys(self) -> list[Key]:
        """The keys that are trusted."""
        return [self.log.key, self.witness.key]

    @property
    def held(self) -> Note:
        """The checkpoint the witness has seen last: all that who checks holds."""
        return Note.read(self.bundle.checkpoint)


def _signer(name: str, kind: bytes, seed: int) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{name} {kind!r} {seed}".encode()).digest())
    return Signer(name, kind, private)


def entry(seed: int, place: int) -> tuple[bytes, str]:
    """A line of the ledger as the service writes it, and for some its opening; the same for the same seed."""
    dice = hashlib.sha256(f"{seed}/{place}".encode()).digest()
    area = f"{19777 + place // 999:05}-{place % 999 + 1:03}"
    content = f'{{"area":"{area}","figures":{{"votes":[{dice[0]},{dice[1]},{dice[2]}]}},"state":"approved"}}'
    salt = dice[:16]
    digest = hashlib.sha256(salt + content.encode()).hexdigest()
    line = (
        f'{{"actor":"{UUID(bytes=dice[16:])}","aggregate":"record/2026/{area}/NA","at":"2026-03-15T20:00:00+00:00",'
        f'"causation":null,"digest":"{digest}","id":"{UUID(bytes=dice[8:24])}",'
        f'"topic":"results.record_advanced","version":1}}'
    )
    opening = json.dumps({"place": place, "salt": salt.hex(), "content": content}) if place % _OPENED_EVERY == 0 else ""
    return line.encode(), opening


Bend = Callable[[Random, Case], Bundle]


def _lines(bend: Callable[[Random, list[bytes]], None]) -> Bend:
    """A bend of the entries; one time in two the log itself signs what came of it."""

    def bent(chance: Random, case: Case) -> Bundle:
        lines = list(case.bundle.lines)
        bend(chance, lines)
        if chance.random() < 0.5:
            return replace(case.bundle, lines=tuple(lines))
        return replace(case.bundle, lines=tuple(lines), checkpoint=case.note(case.checkpoint_of(tuple(lines))))

    return bent


def _flip(chance: Random, data: bytes) -> bytes:
    spot = chance.randrange(len(data))
    changed = data[spot] ^ (1 << chance.randrange(7))
    return data[:spot] + bytes([changed if changed != 10 else data[spot] ^ 64]) + data[spot + 1 :]


def _edit(chance: Random, lines: list[bytes]) -> None:
    place = chance.randrange(len(lines))
    lines[place] = _flip(chance, lines[place])


def _delete(chance: Random, lines: list[bytes]) -> None:
    del lines[chance.randrange(len(lines))]


def _swap(chance: Random, lines: list[bytes]) -> None:
    place, other = chance.sample(range(len(lines)), 2)
    lines[place], lines[other] = lines[other], lines[place]


def _repeat(chance: Random, lines: list[bytes]) -> None:
    place = chance.randrange(len(lines) - 1)  # what is added behind the end is growth, and no lie about what was
    lines.insert(place, lines[place])


def _insert(chance: Random, lines: list[bytes]) -> None:
    lines.insert(chance.randrange(len(lines)), entry(chance.randrange(1 << 30) + 7, chance.randrange(1 << 20))[0])


def _cut(chance: Random, lines: list[bytes]) -> None:
    del lines[-chance.randrange(1, len(lines)) :]


def _tear(chance: Random, case: Case) -> Bundle:
    """The last line loses its end."""
    last = case.bundle.lines[-1]
    return replace(case.bundle, lines=(*case.bundle.lines[:-1], last[: chance.randrange(1, len(last))]))


def _number(chance: Random, case: Case) -> Bundle:
    """The published figure in an opening is another."""
    return _opening(
        chance, case, lambda row: {**row, "content": row["content"].replace("[", f"[{chance.randrange(300, 999)},", 1)}
    )


def _salt(chance: Random, case: Case) -> Bundle:
    return _opening(chance, case, lambda row: {**row, "salt": _flip(chance, bytes.fromhex(row["salt"])).hex()})


def _opening(chance: Random, case: Case, change: Callable[[dict[str, str]], dict[str, str]]) -> Bundle:
    rows = list(case.bundle.opened)
    place = chance.randrange(len(rows))
    rows[place] = json.dumps(change(json.loads(rows[place])))
    return replace(case.bundle, opened=tuple(rows))


def _exchange(chance: Random, case: Case) -> Bundle:
    """Two entries trade what they are said to hold."""
    rows = [json.loads(row) for row in case.bundle.opened]
    one, other = chance.sample(range(len(rows)), 2)
    rows[one], rows[other] = {**rows[other], "place": rows[one]["place"]}, {**rows[one], "place": rows[other]["place"]}
    return replace(case.bundle, opened=tuple(json.dumps(row) for row in rows))


def _forge(chance: Random, case: Case) -> Bundle:
    """A stranger signs a tree with an edit under the log's name."""
    lines = list(case.bundle.lines)
    _edit(chance, lines)
    told = case.checkpoint_of(tuple(lines))
    return replace(case.bundle, lines=tuple(lines), checkpoint=note_of(told, [case.stranger.sign(told)]))


def _deny(chance: Random, case: Case) -> Bundle:
    """The log signs another root or size than the entries have."""
    told = case.held.checkpoint
    if chance.random() < 0.5:
        told = replace(told, root=_flip(chance, told.root[:31]) + told.root[31:])
    else:
        told = replace(told, size=told.size + chance.choice((-1, 1)) * chance.randrange(1, told.size))
    return replace(case.bundle, checkpoint=case.note(told))


def _character(chance: Random, case: Case) -> Bundle:
    """One character of what the log has signed, or of its signature, is another."""
    return _other_character(chance, case, 0, case.bundle.checkpoint.index("— 46 "))


def _cosignature(chance: Random, case: Case) -> Bundle:
    """One character of the witness's signature is another."""
    text = case.bundle.checkpoint
    return _other_character(chance, case, text.index("— 46 ") + 5, len(text))


def _other_character(chance: Random, case: Case, low: int, high: int) -> Bundle:
    text = case.bundle.checkpoint
    spot = chance.choice([place for place in range(low, high) if text[place] not in "\n— ="])
    other = chance.choice([letter for letter in "ABCDEFGHabcdefgh0123456789" if letter != text[spot]])
    return replace(case.bundle, checkpoint=text[:spot] + other + text[spot + 1 :])


BENDS: dict[str, Bend] = {
    "edit": _lines(_edit), "delete": _lines(_delete), "swap": _lines(_swap), "repeat": _lines(_repeat),
    "insert": _lines(_insert), "cut_tail": _lines(_cut), "torn_line": _tear, "number": _number, "salt": _salt,
    "exchange": _exchange, "forged_checkpoint": _forge, "other_tree": _deny, "note_character": _character,
    "cosignature": _cosignature,
}  # fmt: skip
_ASKS_WITNESSES = "cosignature"
"""The one kind that only who counts witnesses can find: everything else of the bundle is whole."""

PROOFS = ("swapped_inclusion", "bent_inclusion", "bent_growth")


def proof_missed(kind: str, chance: Random, case: Case) -> bool:
    """A proof that was bent is still believed."""
    size, held = case.size, case.held.checkpoint
    place, other = chance.sample(range(size), 2)
    path = list(proof(inclusion_terms(place, size), case.nodes))
    if kind == "swapped_inclusion":
        return includes(case.bundle.lines[place], place, proof(inclusion_terms(other, size), case.nodes), held)
    spot = chance.randrange(len(path))
    if kind == "bent_inclusion":
        path[spot] = _flip(chance, path[spot])
        return includes(case.bundle.lines[place], place, path, held)
    old = chance.randrange(1, size)
    before = Checkpoint(LEDGER, old, roots(case.bundle.lines[:old], ())[-1])
    steps = list(proof(consistency_terms(old, size), case.nodes))
    spot = chance.randrange(len(steps))
    steps[spot] = _flip(chance, steps[spot])
    return grows(before, held, steps)


@dataclass
class Tally:
    """How often each kind was tried, and what was not found."""

    tried: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


def bend_and_look(case: Case, trials: int, folder: Path, seed: int) -> Tally:
    """Every trial bends the bundle in one way; the kinds take turns."""
    chance, tally = Random(seed), Tally()  # noqa: S311  dice, not secrets
    kinds = [*BENDS, *PROOFS]
    for number in range(trials):
        kind = kinds[number % len(kinds)]
        tally.tried[kind] += 1
        if kind in PROOFS:
            missed = proof_missed(kind, chance, case)
        else:
            missed = bundle_missed(BENDS[kind](chance, case), case, folder, witnesses=int(kind == _ASKS_WITNESSES))
        if missed:
            tally.missed.append(f"{kind}#{number}")
    return tally


def bundle_missed(bent: Bundle, case: Case, folder: Path, witnesses: int) -> bool:
    """The verifier that holds only the last witnessed checkpoint believes the bent bundle."""
    if bent == case.bundle:
        raise ValueError("nothing was bent")
    bent.write(folder)
    return not faults(folder, case.keys, [case.held], witnesses)


def by_command(case: Case, trials: int, folder: Path, seed: int) -> Tally:
    """The same through the command line, as a person runs it."""
    chance, tally = Random(seed), Tally()  # noqa: S311  dice, not secrets
    trusting(case, folder)
    kinds = list(BENDS)
    for number in range(trials):
        kind = kinds[number % len(kinds)]
        BENDS[kind](chance, case).write(folder / "bent")
        done = command(folder / "bent", folder, witnesses=int(kind == _ASKS_WITNESSES))
        tally.tried[kind] += 1
        if done.returncode != 1 or not done.stdout.splitlines()[-1].startswith("verdict: broken"):
            tally.missed.append(f"command {kind}#{number}: exit {done.returncode}")
    return tally


def trusting(case: Case, folder: Path) -> None:
    """What who checks brings along lies in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys").write_text("".join(f"{key.line()}\n" for key in case.keys), encoding="utf-8")
    (folder / "held").write_text(case.bundle.checkpoint, encoding="utf-8")


def command(bundle: Path, folder: Path, witnesses: int = 0) -> subprocess.CompletedProcess[str]:
    """`python -m services.identity.verify`, as a person runs it."""
    line = [sys.executable, "-m", "services.identity.verify", str(bundle), "--keys", str(folder / "keys")]
    line += ["--held", str(folder / "held"), "--witnesses", str(witnesses)]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT)


def large(seed: int, size: int, folder: Path) -> Case:
    """A bundle of many entries on disk, written as it is made; what who checks it trusts beside it."""
    case = Case(seed, 1)
    bundle = folder / "large"
    bundle.mkdir(parents=True, exist_ok=True)

    def written() -> Iterator[bytes]:
        with (bundle / "entries").open("wb") as entries, (bundle / "opened").open("w", encoding="utf-8") as opened:
            for place in range(size):
                line, row = entry(seed, place)
                entries.write(line + b"\n")
                opened.write(f"{row}\n" if row else "")
                yield line

    told = Checkpoint(LEDGER, size, roots(written(), ())[-1])
    case.bundle = Bundle((), (), case.note(told))
    (bundle / "checkpoint").write_text(case.bundle.checkpoint, encoding="utf-8")
    trusting(case, folder)
    return case


def ledger(plan: Plan) -> Verdict:
    """100,000 bends found (short: 2,000); the command verifies a million entries in 60 s (short: 20,000 in 10 s)."""
    verdict, case = Verdict("ledger"), Case(plan.seed, 120)
    trials = plan.more.get("trials") or plan.either(2_000, 100_000)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        case.bundle.write(folder / "whole")
        verdict.require("false_alarms", len(faults(folder / "whole", case.keys, [case.held], 1)), most=0)
        tally = bend_and_look(case, trials, folder / "bent", plan.seed)
        typed = by_command(case, plan.either(len(BENDS), 20 * len(BENDS)), folder / "command", plan.seed + 1)
        missed = [*tally.missed, *typed.missed]
        verdict.require("bends", sum(tally.tried.values()), least=trials)
        verdict.require("kinds", len(tally.tried), least=len(BENDS) + len(PROOFS))
        verdict.require("least_of_a_kind", min(tally.tried.values()), least=trials // (len(BENDS) + len(PROOFS)))
        verdict.measured(by_command=sum(typed.tried.values()))
        verdict.require("missed", len(missed), most=0)
        verdict.misses += missed[:5]
        size = plan.more.get("entries") or plan.either(20_000, 1_000_000)
        large(plan.seed, size, folder)
        began = time.monotonic()
        done = command(folder / "large", folder)
        verdict.require("verify_seconds", round(time.monotonic() - began, 1), most=plan.either(10, 60))
        verdict.measured(entries=size, mebibytes=(folder / "large" / "entries").stat().st_size >> 20)
        verdict.require("exit_code", done.returncode, most=0)
        if done.stdout != "verdict: ok faults=0\n":
            verdict.misses.append(f"the command said {done.stdout[:200]!r} {done.stderr[-200:]!r}")
    return verdict


def main(
    trials: Annotated[int, typer.Option(help="how often the ledger is bent; 0: as the form has it")] = 0,
    entries: Annotated[int, typer.Option(help="entries of the large bundle; 0: as the form has it")] = 0,
    seed: Annotated[int, typer.Option(help="the same seed bends the same")] = 1,
    bundle: Annotated[Path | None, typer.Option(help="only write the large bundle here")] = None,
    *,
    short: Annotated[bool, typer.Option(help="the short form")] = False,
) -> None:
    """Whatever is bent in a copy of the ledger is found by who holds the last witnessed checkpoint."""
    if bundle is not None:
        large(seed, entries or 1_000_000, bundle)
        typer.echo(f"bundle: {bundle / 'large'} keys: {bundle / 'keys'} held: {bundle / 'held'}")
        return
    began = time.monotonic()
    verdict = ledger(Plan(Path(), short=short, seed=seed, more={"trials": trials, "entries": entries}))
    verdict.measured(seconds=round(time.monotonic() - began, 1), seed=seed)
    typer.echo(verdict.line())
    raise typer.Exit(1 if verdict.word == "miss" else 0)


if __name__ == "__main__":
    typer.run(main)
