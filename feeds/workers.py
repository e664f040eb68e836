"""Processes for work that may hang: bounded in time and memory, killed when they overstay.

A worker loads nothing of the program but what its work needs, not even the main module. It dies
with the program, however that ends, and leaves the terminal's signals to it.
"""

import asyncio
import ctypes
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, TypeVarTuple

from pebble import ProcessExpired, ProcessFuture, ProcessPool

if sys.platform != "win32":
    import resource

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MEMORY = 512 * 1024 * 1024
"""Bytes that a worker may take besides what it took to get ready."""

_TASKS = 1000  # then a worker is replaced, before what libraries keep adds up
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
_starting = threading.Lock()


class Overrun(Exception):
    """The work took longer than it may, or more memory; it was stopped."""


class Workers:
    """A few worker processes, each started when the others are busy."""

    def __init__(self, *, count: int, timeout: float, prepare: Callable[[], object]) -> None:
        """`timeout` is in seconds of work, waiting apart. Every worker begins with `prepare`."""
        self._count = count
        self._timeout = timeout
        self._prepare = prepare
        # One for each worker, for pebble starts all of a pool at once; with how much it has to do.
        self._pools: dict[ProcessPool, int] = {}
        self._awaited: set[ProcessFuture[Any]] = set()
        self._closed = False

    async def run(self, task: Callable[[*Ts], T], *args: *Ts) -> T:
        """Return what `task` returns in a worker, or raise what it raises there.

        Raises Overrun, and BrokenExecutor if no worker can be started. `task` is a function of a
        module; it, its arguments and its result go through pickle.
        """
        try:
            return await self._run(task, *args)
        except BrokenExecutor:
            # pebble gives up a pool when its worker ends without work.
            return await self._run(task, *args)

    async def close(self) -> None:
        """Kill the workers; whoever waits for one is cancelled. Idempotent."""
        self._closed = True
        await asyncio.gather(*map(self._drop, tuple(self._pools)))
        for future in tuple(self._awaited):
            future.cancel()  # type: ignore[no-untyped-call]

    async def _run(self, task: Callable[[*Ts], T], *args: *Ts) -> T:
        pool = self._least_busy()
        self._pools[pool] += 1
        try:
            future: ProcessFuture[T] = _schedule(pool, self._timeout, task, args)
            self._awaited.add(future)
            future.add_done_callback(self._awaited.discard)
            return await asyncio.wrap_future(future)
        except (TimeoutError, ProcessExpired, MemoryError):
            raise Overrun from None
        except BrokenExecutor:
            await self._drop(pool)
            raise
        finally:
            if pool in self._pools:
                self._pools[pool] -= 1

    def _least_busy(self) -> ProcessPool:
        """Return the pool that has least to do, a new one if all are busy and there may be more."""
        pool = min(self._pools, key=self._pools.__getitem__, default=None)
        if pool is None or (self._pools[pool] and len(self._pools) < self._count):
            pool = self._new_pool()
            self._pools[pool] = 0
        return pool

    def _new_pool(self) -> ProcessPool:
        if self._closed:
            raise RuntimeError("the workers are closed")
        return ProcessPool(
            max_workers=1,
            max_tasks=_TASKS,
            initializer=_begin,
            initargs=(os.getpid(), self._prepare),
            context=_Context(),
        )

    async def _drop(self, pool: ProcessPool) -> None:
        """Stop a pool, unless somebody did already."""
        if self._pools.pop(pool, None) is not None:
            await asyncio.to_thread(_stop, pool)


def _schedule(
    pool: ProcessPool, timeout: float, task: Callable[[*Ts], T], args: tuple[*Ts]
) -> ProcessFuture[T]:
    """Hand work to the pool, starting its processes. Raises BrokenExecutor."""
    try:
        # From this thread, and not another that may end before: see `_die_with`.
        return pool.schedule(_bounded, args=(math.ceil(timeout), task, args), timeout=timeout)
    except RuntimeError as fault:
        raise BrokenExecutor from fault


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


class _Process(SpawnProcess):
    """A process that starts unobserved."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 - the library's name
        with _starting, _apart():
            return SpawnProcess._Popen(process_obj)  # noqa: SLF001 - as the library calls it


class _Context(SpawnContext):
    """Starts each worker as a new interpreter: a fork would copy locks that threads hold."""

    Process = _Process


@contextmanager
def _apart() -> Iterator[None]:
    """Let a process start without loading the main module, and deaf to Ctrl-C from the first.

    A new interpreter would load the main module to find functions in it, and with it all of the
    program; and until its own handler stood, Ctrl-C in the terminal would print a traceback.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    masks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int, prepare: Callable[[], object]) -> None:
    """Get a worker ready."""
    # To die at once, even amid a search that holds the interpreter, where no handler would run.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    prepare()
    _bound_memory()


def _die_with(parent: int) -> None:
    """Let this process die when its parent does, even if that is killed.

    The kernel does it where it can, when the thread that started us ends. Elsewhere a thread of
    ours waits for the parent's end; work that holds the interpreter delays it up to its limit.
    """
    if not (
        sys.platform == "linux" and ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL) == 0
    ):
        threading.Thread(target=watch_parent, daemon=True).start()
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def watch_parent() -> None:
    """Wait for the parent process to end, then end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _bound_memory() -> None:
    """Let allocations fail beyond MEMORY, where the system can tell what is in use."""
    statistics = Path("/proc/self/statm")
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if statistics.exists():
            used = int(statistics.read_text().split()[0]) * resource.getpagesize()
            _limit(resource.RLIMIT_AS, used + MEMORY)


def _bounded(seconds: int, task: Callable[[*Ts], T], args: tuple[*Ts]) -> T:
    """Do the work within `seconds` of processor time, beyond which the kernel kills us."""
    if sys.platform != "win32":
        # The limit counts from the worker's start.
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + seconds)
    return task(*args)


def _limit(kind: int, amount: int) -> None:
    """Set a limit as far as we are let."""
    if sys.platform != "win32":
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            amount = min(amount, hard)
        resource.setrlimit(kind, (amount, hard))
