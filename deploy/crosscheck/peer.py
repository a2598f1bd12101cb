"""Run with the peer's own Python: what pymerkle says of the trees that are asked for on standard input, a line each.

Asked: `{"leaves": [hex, …]}` once, then `{"size", "leaf"}` or `{"size", "old"}`. Answered: the root of the size, and
the hashes of the proof as RFC 9162 has them. pymerkle's inclusion path begins with the leaf's own hash; its consistency
path tells the subtree right of the old tree in pieces, before the first hash of the old tree, which is there too when
the verifier has it as the old root.
"""

import json
import sys
from typing import Any

from pymerkle import InmemoryTree, verify_consistency, verify_inclusion


def answer(tree: Any, asked: dict[str, int]) -> dict[str, Any]:
    root = tree.get_root(asked["size"])
    if "leaf" in asked:
        proof = tree.prove_inclusion(asked["leaf"] + 1, asked["size"])  # pymerkle counts leaves from one
        verify_inclusion(tree.get_leaf(asked["leaf"] + 1), root, proof)
        hashes = proof.path[1:]
    else:
        old = asked["old"]
        proof = tree.prove_consistency(old, asked["size"])
        verify_consistency(tree.get_root(old), root, proof)
        hashes = [] if old == asked["size"] else as_in_the_rfc(tree, proof)
        hashes = hashes[1:] if old & (old - 1) == 0 else hashes
    return {"root": root.hex(), "proof": [known.hex() for known in hashes]}


def as_in_the_rfc(tree: Any, proof: Any) -> list[bytes]:
    """The pieces in front folded into one hash, as pymerkle itself folds them, behind the first of the old tree."""
    first = proof.subset.index(1)
    if first == 0:
        return list(proof.path)
    folded = proof.path[0]
    for bit, known in zip(proof.rule, proof.path[1:first]):  # noqa: B905  the rule is longer
        folded = tree.hash_pair(known, folded) if bit else tree.hash_pair(folded, known)
    return [proof.path[first], folded, *proof.path[first + 1 :]]


def main() -> None:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in json.loads(sys.stdin.readline())["leaves"]:
        tree.append_entry(bytes.fromhex(leaf))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(tree, json.loads(line))) + "\n")


if __name__ == "__main__":
    main()
