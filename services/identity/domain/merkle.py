"""The Merkle tree of the ledger (RFC 9162, section 2.1): hashes, what an appended leaf completes, and proofs.

A node is named by its level and its place on that level: `(0, 5)` is leaf 5, `(2, 1)` the root of leaves 4 to 7. Only
complete nodes are ever kept; they never change. Proofs are given as terms, each the complete nodes whose folding gives
one hash of the proof, so that whoever keeps the nodes can fetch all of them at once.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Node = tuple[int, int]
Term = tuple[Node, ...]

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The complete subtrees a tree of `size` leaves consists of, largest first: all that appending needs."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """The root hash of the whole tree."""
        return fold(self.roots) if self.roots else EMPTY_ROOT

    def appended(self, leaves: Sequence[bytes]) -> tuple["Frontier", dict[Node, bytes]]:
        """The frontier after leaves with these hashes, and every node they completed, the leaves among them."""
        size, roots = self.size, list(self.roots)
        completed: dict[Node, bytes] = {}
        for leaf in leaves:
            level, place, known = 0, size, leaf
            completed[level, place] = known
            while place % 2:
                level, place, known = level + 1, place // 2, node_hash(roots.pop(), known)
                completed[level, place] = known
            roots.append(known)
            size += 1
        return Frontier(size, tuple(roots)), completed


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash from those of complete subtrees that stand side by side, largest first."""
    *rest, folded = hashes
    for known in reversed(rest):
        folded = node_hash(known, folded)
    return folded


def frontier_nodes(size: int) -> Term:
    """The complete subtrees of a tree, largest first."""
    return tuple(_complete(0, size))


def inclusion_terms(leaf: int, size: int) -> tuple[Term, ...]:
    """What proves that a leaf is in the tree of a size, from the leaf's sibling upwards (RFC 9162, 2.1.3.1)."""
    if not 0 <= leaf < size:
        raise ValueError(f"leaf {leaf} is not in a tree of {size}")
    terms: list[Term] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if leaf < middle:
            terms.append(tuple(_complete(middle, high)))
            high = middle
        else:
            terms.append(tuple(_complete(low, middle)))
            low = middle
    return tuple(reversed(terms))


def consistency_terms(old: int, size: int) -> tuple[Term, ...]:
    """What proves that the tree of a size begins with the tree of the old size (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {size} does not grow from one of {old}")
    terms: list[Term] = []
    low, high, whole = 0, size, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            terms.append(tuple(_complete(middle, high)))
            high = middle
        else:
            terms.append(tuple(_complete(low, middle)))
            low, whole = middle, False
    if not whole:
        terms.append(tuple(_complete(low, high)))
    return tuple(reversed(terms))


def proof(terms: Sequence[Term], nodes: Mapping[Node, bytes]) -> tuple[bytes, ...]:
    """The hashes of a proof from its terms and the nodes they name."""
    return tuple(fold([nodes[node] for node in term]) for term in terms)


def _split(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << ((count - 1).bit_length() - 1)


def _complete(low: int, high: int) -> Iterator[Node]:
    """The complete subtrees of the leaves from `low` on, which begins a subtree, up to `high`, largest first."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level
