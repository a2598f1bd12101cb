"""The tree of the ledger: known roots, and proofs that hold for every size and for nothing else."""

import hashlib
import random
from itertools import pairwise

import pytest

from deploy.crosscheck.__main__ import differences, questions
from services.identity.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_terms,
    frontier_nodes,
    inclusion_terms,
    leaf_hash,
    proof,
)
from services.kit.proofs import Checkpoint, grows, includes, roots

# The leaves and roots every Certificate Transparency log is tested with (RFC 6962 and 9162 implementations).
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZE = 40
DATA = [b"leaf %d" % number for number in range(SIZE)]


def grown(leaves):
    """The frontier and every complete node, the leaves appended a few at a time."""
    frontier, nodes, chance = Frontier(), {}, random.Random(7)
    while frontier.size < len(leaves):
        some = leaves[frontier.size : frontier.size + chance.randint(1, 5)]
        frontier, completed = frontier.appended([leaf_hash(leaf) for leaf in some])
        nodes |= completed
    return frontier, nodes


def point(size):
    return Checkpoint("a log", size, grown(DATA[:size])[0].root())


def plain_root(leaves):
    """The definition of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_every_log_agrees_on(size):
    assert grown(LEAVES[:size])[0].root().hex() == ROOTS[size - 1]
    assert roots(LEAVES[:size], [size])[size].hex() == ROOTS[size - 1]


@pytest.mark.parametrize("size", range(SIZE + 1))
def test_the_root_is_the_one_the_definition_gives(size):
    frontier, nodes = grown(DATA[:size])
    assert frontier.root() == plain_root(DATA[:size])
    assert roots(DATA, [size])[size] == plain_root(DATA[:size])
    assert [nodes[node] for node in frontier_nodes(size)] == list(frontier.roots)


def test_the_root_of_no_leaves_is_the_hash_of_nothing():
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256().digest()


def test_every_leaf_of_every_tree_is_proven_at_its_place_and_nowhere_else():
    _, nodes = grown(DATA)
    for size in range(1, SIZE + 1):
        checkpoint = point(size)
        for leaf in range(size):
            path = proof(inclusion_terms(leaf, size), nodes)
            assert includes(DATA[leaf], leaf, path, checkpoint)
            assert not includes(DATA[leaf] + b"!", leaf, path, checkpoint)
            assert not any(includes(DATA[leaf], other, path, checkpoint) for other in range(size) if other != leaf)
            assert not includes(DATA[leaf], leaf, [*path, EMPTY_ROOT], checkpoint)
            assert not path or not includes(DATA[leaf], leaf, path[:-1], checkpoint)


def test_every_tree_is_proven_to_grow_from_every_earlier_one_and_from_no_other():
    _, nodes = grown(DATA)
    points = [point(size) for size in range(SIZE + 1)]
    for size in range(1, SIZE + 1):
        for old in range(1, size + 1):
            path = proof(consistency_terms(old, size), nodes)
            bent = Checkpoint("a log", old, EMPTY_ROOT)
            assert grows(points[old], points[size], path)
            assert not grows(bent, points[size], path)
            assert not grows(points[old], Checkpoint("a log", size, EMPTY_ROOT), path)
            assert not grows(points[old], points[size], [*path, EMPTY_ROOT])
            for left, right in pairwise(range(len(path))):
                swapped = list(path)
                swapped[left], swapped[right] = swapped[right], swapped[left]
                assert not grows(points[old], points[size], swapped)


def test_everything_grows_from_nothing_and_nothing_from_a_lie_about_nothing():
    assert grows(point(0), point(9), [])
    assert not grows(Checkpoint("a log", 0, point(1).root), point(9), [])
    assert not grows(point(9), point(5), [])


@pytest.mark.parametrize(("leaf", "size"), [(0, 0), (5, 5), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_proof(leaf, size):
    with pytest.raises(ValueError, match="is not in a tree"):
        inclusion_terms(leaf, size)


@pytest.mark.parametrize(("old", "size"), [(0, 4), (5, 4)])
def test_a_tree_does_not_grow_from_a_larger_one_or_from_none(old, size):
    with pytest.raises(ValueError, match="does not grow"):
        consistency_terms(old, size)


def test_the_crosscheck_asks_every_proof_of_the_small_trees_and_sees_a_single_bent_hash():
    """`make crosscheck` has the answers from pymerkle; here they come from the definition, then one is bent."""
    asked = questions(9, 3, random.Random(5), SIZE)
    assert {(one["size"], one["leaf"]) for one in asked if "leaf" in one} >= {(9, leaf) for leaf in range(9)}
    assert {(one["size"], one["old"]) for one in asked if "old" in one} >= {(9, old) for old in range(1, 10)}
    _, nodes = grown(DATA)
    said = [
        {
            "root": plain_root(DATA[: one["size"]]).hex(),
            "proof": [
                step.hex()
                for step in proof(
                    inclusion_terms(one["leaf"], one["size"]) if "leaf" in one else consistency_terms(one["old"], one["size"]),
                    nodes,
                )
            ],
        }
        for one in asked
    ]  # fmt: skip
    assert differences(DATA, asked, said) == []
    for bent in range(0, len(asked), 7):
        other = [dict(one) for one in said]
        if other[bent]["proof"]:
            other[bent]["proof"] = [*other[bent]["proof"][:-1], EMPTY_ROOT.hex()]
        else:
            other[bent]["root"] = EMPTY_ROOT.hex()
        assert differences(DATA, asked, other) == [str(asked[bent])]
    assert differences(DATA, asked, said[:-1]) == [f"{len(asked)} questions, {len(asked) - 1} answers"]
