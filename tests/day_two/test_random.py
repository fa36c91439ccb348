"""Random sequences of edits: none is lost, apply does what diff says, and a second apply finds nothing to do."""

from pathlib import Path

import pytest

from tests.conftest import Msgen

from .world import World

RUNS = [(seed, 30) for seed in range(6)]
LONG_RUNS = [pytest.param(seed, 100, marks=pytest.mark.thorough) for seed in range(100, 200)]


@pytest.mark.parametrize(("seed", "wanted"), [*RUNS, *LONG_RUNS])
def test_no_edit_is_lost(shop: Path, pack: Path, msgen: Msgen, seed: int, wanted: int) -> None:  # noqa: ARG001
    world = World(shop, pack, seed)
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
