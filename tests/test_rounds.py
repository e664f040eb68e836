import asyncio

from bot.rounds import Round


async def test_who_waits_for_a_lull_reads_in_it_and_the_loop_is_free_in_between() -> None:
    this = Round()
    reads: list[int] = []
    free: list[int] = []

    async def ask(number: int) -> None:
        this.asking += 1
        await this.lull()
        reads.append(number)
        this.asking -= 1
        this.ready.put_nowait(None)

    async def others() -> None:
        while len(reads) < 20:
            free.append(len(reads))
            await asyncio.sleep(0)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(ask(number))
        group.create_task(others())
        await asyncio.sleep(0)
        batch = await this.next_batch()
    assert batch == [None] * 20
    assert sorted(reads) == list(range(20))
    assert {0, 8, 16} <= set(free)


async def test_who_comes_while_others_read_has_a_turn_too() -> None:
    this = Round()
    reads: list[str] = []

    async def ask(name: str) -> None:
        this.asking += 1
        await this.lull()
        reads.append(name)
        if name == "first":
            group.create_task(ask("late"))
        this.asking -= 1
        this.ready.put_nowait(None)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(ask("first"))
        await asyncio.sleep(0)
        batch = await this.next_batch()
        if len(batch) == 1:
            batch += await this.next_batch()
    assert reads == ["first", "late"]
    assert batch == [None, None]


async def test_who_brought_something_goes_on_when_it_is_recorded() -> None:
    this = Round()
    this.ready.put_nowait(None)
    waiting = asyncio.create_task(this.ready.join())
    batch = await this.next_batch()
    await asyncio.sleep(0)
    assert not waiting.done()
    this.done(batch)
    async with asyncio.timeout(5):
        await waiting
