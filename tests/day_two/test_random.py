"""Random sequences of edits: none is lost, apply does what diff says, and a second apply finds nothing to do.

`MSGEN_EDITS=10000` makes it the long test.
"""

import os
from pathlib import Path

import pytest

from tests.conftest import Msgen

from .world import World

EDITS = int(os.environ.get("MSGEN_EDITS", "240"))
SEEDS = range(max(8, EDITS // 100))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_edit_is_lost(shop: Path, pack: Path, msgen: Msgen, seed: int) -> None:  # noqa: ARG001
    world = World(shop, pack, seed)
    wanted = -(-EDITS // len(SEEDS))
    try:
        while world.edits < wanted:
            if world.random.random() < 0.1:
                world.branch_and_merge(world.random.randrange(1, 5))
            for _ in range(world.random.randrange(1, 6)):
                world.act()
            world.settle()
    except BaseException:
        print(*world.log[-40:], sep="\n")  # noqa: T201
        raise
