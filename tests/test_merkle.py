"""The tree: RFC 6962 written out plainly is the judge; the package and the stand-alone verifier must both agree."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.security import verifier
from kept.security.merkle import (
    EMPTY_ROOT,
    BadProof,
    Peaks,
    check_consistency,
    check_inclusion,
    consistency_spans,
    full_root,
    inclusion_spans,
    leaf_hash,
    peaks,
    root_of_peaks,
)

BOTH = pytest.mark.parametrize("code", ["package", "stand-alone"])
LEAVES = [leaf_hash(bytes([number])) for number in range(70)]
ZERO = bytes(32)


def root_of(leaves):
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def inclusion(index, size, leaves=LEAVES):
    return [root_of(leaves[begin:end]) for begin, end in inclusion_spans(index, size)]


def consistency(first, second, leaves=LEAVES):
    return [root_of(leaves[begin:end]) for begin, end in consistency_spans(first, second)] if first < second else []


def path_of_the_rfc(index, leaves):
    """RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path_of_the_rfc(index, leaves[:split]), root_of(leaves[split:])]
    return [*path_of_the_rfc(index - split, leaves[split:]), root_of(leaves[:split])]


def included(code, *claim):
    check(code, "check_inclusion", *claim)


def consistent(code, *claim):
    check(code, "check_consistency", *claim)


def check(code, name, *claim):
    if code == "package":
        {"check_inclusion": check_inclusion, "check_consistency": check_consistency}[name](*claim)
        return
    try:
        getattr(verifier, name)(*claim)
    except verifier.Wrong as wrong:
        raise BadProof from wrong


def test_roots_known_from_certificate_transparency():
    """The reference vectors of the RFC 6962 implementations: eight leaves, and the roots over the first n of them."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [leaf_hash(bytes.fromhex(one)) for one in data]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, root in roots.items():
        assert root_of_peaks(peaks(leaves[:size])).hex() == root
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(70))
def test_the_root_of_peaks_is_the_root_of_the_rfc(size):
    assert root_of_peaks(peaks(LEAVES[:size])) == root_of(LEAVES[:size])
    growing = Peaks()
    for leaf in LEAVES[:size]:
        growing.push(leaf)
    assert growing.root() == root_of(LEAVES[:size])


def test_peaks_may_have_leaves_behind_them():
    by_fours = Peaks()
    for begin in range(0, 32, 4):
        for more in range(5):
            assert by_fours.root(LEAVES[begin : begin + more]) == root_of(LEAVES[: begin + more])
        by_fours.push(full_root(LEAVES[begin : begin + 4]))


@BOTH
def test_every_entry_of_every_small_tree_is_proven(code):
    for size in range(1, 40):
        for index in range(size):
            proof = inclusion(index, size)
            assert proof == path_of_the_rfc(index, LEAVES[:size])
            included(code, LEAVES[index], index, size, proof, root_of(LEAVES[:size]))


@BOTH
def test_every_small_tree_goes_on_from_every_smaller_one(code):
    for second in range(1, 40):
        for first in range(1, second + 1):
            proof = consistency(first, second)
            consistent(code, first, root_of(LEAVES[:first]), second, root_of(LEAVES[:second]), proof)


@BOTH
@pytest.mark.parametrize(
    ("index", "size", "proof", "root"),
    [
        (0, 0, [], EMPTY_ROOT),  # nothing is in an empty tree
        (1, 1, [], LEAVES[1]),
        (-1, 3, [], LEAVES[0]),
        (7, 7, inclusion(6, 7), root_of(LEAVES[:7])),
        (2, 7, inclusion(2, 7)[:-1], root_of(LEAVES[:7])),
        (2, 7, [*inclusion(2, 7), ZERO], root_of(LEAVES[:7])),
        (3, 7, inclusion(2, 7), root_of(LEAVES[:7])),
        (2, 7, inclusion(2, 7)[::-1], root_of(LEAVES[:7])),
        (2, 7, inclusion(2, 7), ZERO),
    ],
)
def test_what_proves_nothing_is_refused(code, index, size, proof, root):
    with pytest.raises(BadProof):
        included(code, LEAVES[2], index, size, proof, root)


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_hashes_of_another_length_are_refused(wrong):
    with pytest.raises(BadProof, match="32 bytes"):
        check_inclusion(LEAVES[0], 0, 2, [wrong], root_of(LEAVES[:2]))
    with pytest.raises(BadProof, match="32 bytes"):
        check_inclusion(wrong, 0, 1, [], wrong)
    with pytest.raises(BadProof, match="32 bytes"):
        check_consistency(1, wrong, 2, root_of(LEAVES[:2]), [LEAVES[1]])


@BOTH
@pytest.mark.parametrize(
    ("first", "first_root", "second", "second_root", "proof"),
    [
        (0, EMPTY_ROOT, 5, root_of(LEAVES[:5]), []),
        (0, EMPTY_ROOT, 0, EMPTY_ROOT, []),
        (5, root_of(LEAVES[:5]), 3, root_of(LEAVES[:3]), []),
        (5, root_of(LEAVES[:5]), 5, root_of(LEAVES[1:6]), []),
        (5, root_of(LEAVES[:5]), 5, root_of(LEAVES[:5]), [ZERO]),
        (3, root_of(LEAVES[:3]), 5, root_of(LEAVES[:5]), []),
        (4, root_of(LEAVES[:4]), 8, root_of(LEAVES[:8]), []),
        (3, root_of(LEAVES[1:4]), 5, root_of(LEAVES[:5]), consistency(3, 5)),
        (3, root_of(LEAVES[:3]), 5, root_of(LEAVES[1:6]), consistency(3, 5)),
        (3, root_of(LEAVES[:3]), 5, root_of(LEAVES[:5]), [*consistency(3, 5), ZERO]),
        (3, root_of(LEAVES[:3]), 5, root_of(LEAVES[:5]), consistency(3, 5)[:-1]),
    ],
)
def test_a_tree_that_does_not_go_on_from_another_is_refused(code, first, first_root, second, second_root, proof):
    with pytest.raises(BadProof):
        consistent(code, first, first_root, second, second_root, proof)


sizes = st.integers(1, 70)
hashes = st.lists(st.one_of(st.sampled_from(LEAVES), st.binary(min_size=32, max_size=32)), max_size=9)


@BOTH
@given(sizes, st.data())
def test_no_other_leaf_can_be_proven_in_its_place(code, size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(index, size)
    with pytest.raises(BadProof):
        included(code, leaf_hash(b"another"), index, size, proof, root_of(LEAVES[:size]))
    for place in range(len(proof)):
        changed = list(proof)
        changed[place] = leaf_hash(proof[place])
        with pytest.raises(BadProof):
            included(code, LEAVES[index], index, size, changed, root_of(LEAVES[:size]))


@given(st.integers(-2, 80), st.integers(-2, 80), hashes, st.sampled_from(LEAVES), st.sampled_from(LEAVES))
def test_package_and_verifier_say_the_same_of_anything(one, other, proof, left, right):
    assert says("package", "check_inclusion", left, one, other, proof, right) == says(
        "stand-alone", "check_inclusion", left, one, other, proof, right
    )
    assert says("package", "check_consistency", one, left, other, right, proof) == says(
        "stand-alone", "check_consistency", one, left, other, right, proof
    )


def says(code, name, *claim):
    try:
        check(code, name, *claim)
    except BadProof:
        return False
    return True
