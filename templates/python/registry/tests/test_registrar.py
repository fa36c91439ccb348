from chassis import lifecycle, registrar
from tests.registry import Registry
from tests.until import until


async def test_an_instance_is_known_for_as_long_as_it_runs(known: Registry) -> None:
    async with registrar.lifespan():
        await until(lambda: known.registered)
    assert not known.registered


async def test_it_leaves_at_the_first_sign_of_the_end(known: Registry) -> None:
    async with registrar.lifespan():
        await until(lambda: known.registered)
        lifecycle.stop(10)
        await until(lambda: not known.registered)


async def test_a_registry_that_forgot_it_is_told_again(known: Registry) -> None:
    async with registrar.lifespan():
        await until(lambda: known.registered)
        known.registered.clear()
        await until(lambda: known.registered)


async def test_without_a_registry_it_runs_all_the_same(known: Registry) -> None:
    known.running = False
    async with registrar.lifespan():
        assert not known.registered
        known.running = True
        await until(lambda: known.registered)
