"""The service: polls, delivers and answers until it is told to stop."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.app import Core
from bot.chats.connected import ConnectedChat, make_chats
from domain.errors import ChatError, Rejected

_log = logging.getLogger(__name__)
_DRAIN = 7.0
_YOUNG = 50_000  # objects after which the youngest are looked through; Python's own number is 700
_ONCE_PATIENCE = timedelta(seconds=90)


class NothingConnected(Exception):
    """No chat could be connected; says why."""


async def run(core: Core) -> None:
    """Serve until SIGTERM or SIGINT; what is being sent then is finished first."""
    stop = _stop_signal()
    async with connected(core) as chats:
        settle()
        deliverer = core.deliverer({one.platform: one for one in chats})
        sending = asyncio.create_task(deliverer.run(), name="delivery")
        others = [
            _task(core.poller.run(), "polling"),
            _task(core.legislatures.run(), "legislatures"),
            _task(core.discovery.run(), "discovery"),
            _task(core.schedule.run(), "schedule"),
            _task(core.rosters.run(), "rosters"),
            _task(core.keep_house(), "house"),
        ]
        others += [_task(_serve(one), one.platform) for one in chats]
        _log.info("service.started chats=%s", ",".join(one.platform for one in chats) or "none")
        await stop.wait()
        _log.info("service.stopping")
        deliverer.stop()
        _, late = await asyncio.wait({sending}, timeout=_DRAIN)
        for task in (*late, *others):
            task.cancel()
        await asyncio.gather(sending, *others, return_exceptions=True)
    _log.info("service.stopped")


async def run_once(core: Core) -> str:
    """Poll every source whatever its schedule, deliver over REST alone; return what was done."""
    async with connected(core) as chats:
        settle()
        async with asyncio.TaskGroup() as asking:
            asking.create_task(core.poller.poll_all())
            asking.create_task(core.legislatures.poll_all())
            asking.create_task(core.discovery.search_due())
        await core.schedule.tell_due()
        deliverer = core.deliverer({one.platform: one for one in chats})
        await deliverer.drain(_ONCE_PATIENCE)
    polled = core.poller.polled
    read = polled.read + polled.unchanged
    return (
        f"{read} feeds read ({polled.unchanged} unchanged), {polled.failed} failed, "
        f"{polled.fresh} new items, {deliverer.sent} messages sent. {core.legislatures.told}"
    ).strip()


def settle() -> None:
    """Tell the garbage collector that what stands now stands for good, and to come less often.

    A poll makes thousands of small tuples that reference counting takes away; looking for cycles
    among them, and each time among all that was imported, costs a twentieth of the polling.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


@asynccontextmanager
async def connected(core: Core) -> AsyncIterator[list[ConnectedChat]]:
    """Log in to every chat that is switched on. Raises NothingConnected if one refuses us."""
    chats = make_chats(core.config, core.desk, core.clock)
    try:
        for chat in chats:
            try:
                _log.info("chat.connected platform=%s as=%s", chat.platform, await chat.login())
            except Rejected as error:
                raise NothingConnected(f"{chat.platform.capitalize()}: {error}") from None
            except ChatError as error:  # a passing fault: posts wait, and run() tries again
                _log.warning("chat.waits platform=%s reason=%s", chat.platform, error)
        yield chats
    finally:
        await asyncio.gather(*(chat.close() for chat in chats), return_exceptions=True)


async def _serve(chat: ConnectedChat) -> None:
    """Keep a chat connected; one that fails does not take the others along."""
    try:
        await chat.run()
    except Rejected as error:
        _log.error("chat.refused platform=%s reason=%s", chat.platform, error)
    except Exception:
        _log.exception("chat.failed platform=%s", chat.platform)


def _task(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    return stop
