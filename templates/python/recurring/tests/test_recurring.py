import asyncio

from chassis.recurring import recurring


async def test_what_failed_once_is_done_again_until_the_end() -> None:
    times = 0
    twice = asyncio.Event()

    async def work() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise OSError
        twice.set()

    async with recurring("work", 0.001, work), asyncio.timeout(5):
        await twice.wait()
    done = times
    await asyncio.sleep(0.01)
    assert times == done
