import asyncio
import math
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from feeds import workers as module
from feeds.parse import prepare
from feeds.workers import MEMORY, Overrun, Workers

ROOT = Path(__file__).parents[1]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    workers = Workers(count=2, timeout=1, prepare=int)
    yield workers
    await workers.close()


async def hang(workers: Workers) -> object:
    """A search that holds the interpreter for ages."""
    return await workers.run(re.fullmatch, "(a+)+$", "a" * 64 + "b")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended but was not fetched does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def is_dead(pid: int) -> bool:
    return not is_alive(pid)


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


# Work


async def test_work_is_done_elsewhere_and_answers_or_raises(workers: Workers) -> None:
    assert await workers.run(math.sqrt, 9.0) == 3.0
    assert await workers.run(os.getpid) != os.getpid()
    with pytest.raises(ValueError, match="math domain error"):
        await workers.run(math.sqrt, -1.0)


async def test_nothing_is_started_before_it_is_needed(workers: Workers) -> None:
    before = set(multiprocessing.active_children())
    assert workers._pools == {}
    for _ in range(3):
        await workers.run(math.sqrt, 9.0)
    assert len(set(multiprocessing.active_children()) - before) == 1
    await asyncio.gather(*(workers.run(time.sleep, 0.1) for _ in range(4)))
    assert len(set(multiprocessing.active_children()) - before) == 2


@linux
async def test_work_that_takes_too_long_is_killed_and_its_neighbour_is_not(
    workers: Workers,
) -> None:
    await workers.run(os.getpid)
    before = time.monotonic()
    hanging = asyncio.create_task(hang(workers))
    await asyncio.sleep(0.3)
    neighbour = await workers.run(os.getpid)
    with pytest.raises(Overrun):
        await hanging
    assert time.monotonic() - before < 3
    assert is_alive(neighbour)
    assert await workers.run(math.sqrt, 9.0) == 3.0


async def test_work_that_takes_too_much_memory_is_stopped(workers: Workers) -> None:
    assert len(await workers.run(bytes, MEMORY // 16)) == MEMORY // 16
    if sys.platform == "linux":
        with pytest.raises(Overrun):
            await workers.run(bytes, MEMORY)
    assert await workers.run(math.sqrt, 9.0) == 3.0


async def test_a_worker_that_dies_at_work_is_an_overrun(workers: Workers) -> None:
    with pytest.raises(Overrun):
        await workers.run(os._exit, 7)
    assert await workers.run(math.sqrt, 9.0) == 3.0


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of processor time")
def test_the_kernel_stops_work_that_nobody_waits_for() -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=module._bounded, args=(1, re.fullmatch, ("(a+)+$", "a" * 64 + "b"))
    )
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGXCPU


async def test_the_limit_of_processor_time_is_for_each_work_anew() -> None:
    workers = Workers(count=1, timeout=2, prepare=int)
    spent = "__import__('time').process_time"
    burn = f"(lambda end: all(iter(lambda: {spent}() < end, False)))({spent}() + 0.3)"
    try:
        pids = {await workers.run(os.getpid)}
        for _ in range(10):
            assert await workers.run(eval, burn)  # three seconds in all, where two are allowed
            pids.add(await workers.run(os.getpid))
        assert len(pids) == 1
    finally:
        await workers.close()


@linux
async def test_workers_killed_without_work_are_replaced(workers: Workers) -> None:
    for _ in range(2):
        pid = await workers.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        assert within(5, partial(is_dead, pid))
        await asyncio.sleep(0.3)
        assert await workers.run(math.sqrt, 9.0) == 3.0


# The end


@linux
async def test_closing_kills_the_workers_and_cancels_who_waits(workers: Workers) -> None:
    pid = await workers.run(os.getpid)
    waiting = [asyncio.create_task(hang(workers)) for _ in range(3)]
    await asyncio.sleep(0.2)
    before = time.monotonic()
    await asyncio.gather(workers.close(), workers.close())
    assert time.monotonic() - before < 2
    assert not is_alive(pid)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in told)
    with pytest.raises(RuntimeError, match="closed"):
        await workers.run(math.sqrt, 9.0)
    await workers.close()


async def test_closing_what_was_never_used_is_nothing() -> None:
    await Workers(count=1, timeout=1, prepare=int).close()


@linux
async def test_who_gives_up_waiting_frees_the_worker() -> None:
    workers = Workers(count=1, timeout=30, prepare=int)
    try:
        pid = await workers.run(os.getpid)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hang(workers), 0.3)
        assert await asyncio.wait_for(workers.run(math.sqrt, 9.0), 5) == 3.0
        assert not is_alive(pid)
    finally:
        await workers.close()


@linux
async def test_a_worker_loads_nothing_that_its_work_does_not_need() -> None:
    workers = Workers(count=1, timeout=5, prepare=prepare)
    try:
        loaded = await workers.run(eval, "sorted(__import__('sys').modules)")
    finally:
        await workers.close()
    ours = {
        name
        for name in loaded
        if name.startswith(("feeds.", "domain.", "bot", "commands", "storage"))
    }
    reading = "columns dates discover documents elements gate markup parse runs workers"
    assert ours == {f"feeds.{name}" for name in reading.split()} | {
        f"domain.{name}" for name in ("entries", "errors", "model", "text")
    }
    strange = {
        "aiohttp",
        "discord",
        "slack_sdk",
        "slack_bolt",
        "uvloop",
        "yarl",
        "pytest",
    }
    assert strange.isdisjoint(name.partition(".")[0] for name in loaded)


# The program, seen from outside

PARENT = """
    import asyncio, multiprocessing, os, re, sys
    from feeds.parse import Parser
    from feeds.workers import Workers
    {setup}
    parser = Parser(workers=2, timeout=60)
    workers = Workers(count=2, timeout=60, prepare=int)
    async def main():
        {before}
        task = asyncio.gather({work}, {work})
        while len(multiprocessing.active_children()) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep({wait})
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        {after}
    if __name__ == "__main__":
        asyncio.run(main())
"""


def program(
    folder: Path,
    work: str,
    *,
    setup: str = "",
    before: str = "",
    wait: float = 1.5,
    after: str = "",
) -> subprocess.Popen[str]:
    """Start a program of its own session that prints its workers' pids once they are at work."""
    script = folder / "program.py"
    script.write_text(
        dedent(PARENT).format(
            setup=setup, before=before, work=work, wait=wait, after=after or "await task"
        )
    )
    return subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def pids_of(running: subprocess.Popen[str]) -> list[int]:
    assert running.stdout is not None
    pids = [int(pid) for pid in running.stdout.readline().split()]
    assert len(pids) == 2
    assert all(is_alive(pid) for pid in pids)
    return pids


def kill_and_count(running: subprocess.Popen[str]) -> list[int]:
    """Kill the program; return the workers that are still there five seconds later."""
    try:
        pids = pids_of(running)
    finally:
        running.kill()
        running.communicate()
    within(5, lambda: not any(is_alive(pid) for pid in pids))
    left = [pid for pid in pids if is_alive(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


HANGING_FEED = """parser.parse(
            b"<rss " + b" ".join(b'a%d="1"' % i for i in range(150_000)) + b"><channel><b></channel></rss>",
            content_type="", url="https://news.example/")"""
HANGING_MATCH = 'workers.run(re.fullmatch, "(a+)+$", "a" * 64 + "b")'


@linux
@pytest.mark.parametrize("work", [HANGING_FEED, HANGING_MATCH], ids=["feed", "match"])
def test_workers_die_with_the_program_even_if_it_is_killed(tmp_path: Path, work: str) -> None:
    assert kill_and_count(program(tmp_path, work)) == []


@linux
def test_workers_die_with_a_program_that_is_killed_while_they_start(tmp_path: Path) -> None:
    assert kill_and_count(program(tmp_path, HANGING_MATCH, wait=0)) == []


@linux
def test_where_the_kernel_does_not_end_workers_they_watch_for_the_end(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(
        dedent("""
            import ctypes, threading
            from feeds.workers import watch_parent

            def prepare():
                ctypes.CDLL(None).prctl(1, 0)  # as if it had not been asked
                threading.Thread(target=watch_parent, daemon=True).start()
        """)
    )
    running = program(
        tmp_path,
        "workers.run(__import__('time').sleep, 60)",
        setup="from elsewhere import prepare",
        before="workers = Workers(count=2, timeout=60, prepare=prepare)",
    )
    assert kill_and_count(running) == []


@linux
def test_the_interrupt_of_a_terminal_reaches_the_program_alone(tmp_path: Path) -> None:
    running = program(
        tmp_path,
        "workers.run(__import__('time').sleep, 1)",
        setup="import signal; signal.signal(signal.SIGINT, lambda *_: None)",
        before="print('ready', flush=True)",
        after="await task; await workers.close()",
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    for _ in range(70):  # while they start, and while they work
        os.killpg(running.pid, signal.SIGINT)
        time.sleep(0.02)
    out, errors = running.communicate(timeout=20)
    assert (running.returncode, errors) == (0, "")
    assert not any(is_alive(int(pid)) for pid in out.split())


@linux
def test_workers_that_are_told_to_end_do_so_in_silence(tmp_path: Path) -> None:
    running = program(
        tmp_path,
        "workers.run(__import__('time').sleep, 30)",
        after="await asyncio.gather(task, return_exceptions=True); await workers.close()",
    )
    pids = pids_of(running)
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    _, errors = running.communicate(timeout=20)
    assert (running.returncode, errors) == (0, "")
