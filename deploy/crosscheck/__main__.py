"""`make crosscheck`: roots, inclusion and consistency proofs of the ledger's tree equal pymerkle's, hash by hash.

pymerkle (GPL-3.0-or-later) is no part of this project: it is installed from its lock into `var/crosscheck`, runs as
another program, and is asked over pipes. Our verifier judges its proofs too.
"""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Annotated, Any

import typer

from deploy.bench.installing import installed
from services.identity.domain.merkle import Frontier, consistency_terms, inclusion_terms, leaf_hash, proof
from services.kit.proofs import Checkpoint, grows, includes, roots

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Asked = dict[str, int]


def questions(every: int, random: int, chance: Random, most: int) -> list[Asked]:
    """Each leaf and each earlier tree of every size up to `every`; then random ones of sizes up to `most`."""
    asked: list[Asked] = []
    for size in range(1, every + 1):
        asked += [{"size": size, "leaf": leaf} for leaf in range(size)]
        asked += [{"size": size, "old": old} for old in range(1, size + 1)]
    for _ in range(random):
        size = chance.randrange(1, most + 1)
        asked += [{"size": size, "leaf": chance.randrange(size)}, {"size": size, "old": chance.randrange(1, size + 1)}]
    return asked


def answers(python: Path, leaves: Sequence[bytes], asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """What the peer says."""
    lines = [json.dumps({"leaves": [leaf.hex() for leaf in leaves]}), *(json.dumps(one) for one in asked)]
    done = subprocess.run(
        [python, HERE / "peer.py"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(leaves: Sequence[bytes], asked: Sequence[Asked], said: Sequence[dict[str, Any]]) -> list[str]:
    """Every question that the peer and the ledger answer differently, or whose answer our verifier refuses."""
    _, nodes = Frontier().appended([leaf_hash(leaf) for leaf in leaves])
    counted = roots(leaves, {one["size"] for one in asked} | {one.get("old", 0) for one in asked})
    wrong = [] if len(asked) == len(said) else [f"{len(asked)} questions, {len(said)} answers"]
    for one, told in zip(asked, said, strict=False):
        size, theirs = one["size"], [bytes.fromhex(step) for step in told["proof"]]
        here = Checkpoint("a log", size, bytes.fromhex(told["root"]))
        if "leaf" in one:
            ours, holds = inclusion_terms(one["leaf"], size), includes(leaves[one["leaf"]], one["leaf"], theirs, here)
        else:
            before = Checkpoint("a log", one["old"], counted[one["old"]])
            ours, holds = consistency_terms(one["old"], size), grows(before, here, theirs)
        if counted[size] != here.root or list(proof(ours, nodes)) != theirs or not holds:
            wrong.append(f"{one}")
    return wrong


def main(
    every: Annotated[int, typer.Option(help="every size up to this one, wholly")] = 130,
    random: Annotated[int, typer.Option(help="pairs of random proofs of larger trees")] = 2000,
    most: Annotated[int, typer.Option(help="the largest random tree")] = 5000,
    seed: Annotated[int, typer.Option(help="the same seed asks the same")] = 1,
    folder: Annotated[Path, typer.Option(help="where pymerkle's own environment is")] = ROOT / "var" / "crosscheck",
) -> None:
    """Compare, and say how many roots and proofs were equal."""
    began, chance = time.monotonic(), Random(seed)  # noqa: S311  dice, not secrets
    programs = installed(folder, HERE / "peer.lock")
    leaves = [chance.randbytes(chance.randrange(200)) for _ in range(max(every, most))]
    asked = questions(every, random, chance, most)
    wrong = differences(leaves, asked, answers(programs / "python", leaves, asked))
    for line in wrong[:10]:
        typer.echo(f"differs: {line}")
    kinds = Counter("inclusion" if "leaf" in one else "consistency" for one in asked)
    sizes = len({one["size"] for one in asked})
    typer.echo(
        f"verdict: {'miss' if wrong else 'ok'} scenario=crosscheck peer=pymerkle-7.0.0 roots={sizes} "
        f"inclusion={kinds['inclusion']} consistency={kinds['consistency']} differing={len(wrong)} "
        f"seconds={time.monotonic() - began:.1f} seed={seed}"
    )
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
