"""What one person sees after doing one thing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.doubles.slack.delivery import Delivery
from tests.doubles.slack.errors import ApiError, NothingSeen
from tests.doubles.slack.records import Channel, Message, User, View

QUIET = 0.1


@dataclass(slots=True, eq=False)
class Reply:
    """Everything the app shows a person in answer: messages, a modal, errors in a form.

    Posts and edits of the app belong to the latest thing a person did where they see them.
    `changed` has the messages that were edited or taken away since.
    """

    user: User
    channel: Channel | None
    delivery: Delivery | None = None
    everything: list[Message] = field(default_factory=list)
    changed: list[Message] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    action: str = ""
    refused: list[ApiError] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _taken: int = 0

    @property
    def messages(self) -> list[Message]:
        """The messages the person sees now, oldest first."""
        return [message for message in self.everything if not message.deleted]

    @property
    def view(self) -> View | None:
        """The modal this opened, updated or pushed last."""
        return self.views[-1] if self.views else None

    @property
    def shown(self) -> str:
        """All that the person reads in the messages."""
        return "\n".join(message.shown for message in self.messages)

    def add(self, message: Message) -> None:
        """Show a message."""
        self.everything.append(message)
        self.touch()

    def change(self, message: Message) -> None:
        """Show that a message was edited or taken away."""
        self.changed.append(message)
        self.touch()

    def open(self, view: View) -> None:
        """Show a modal, or what it has become."""
        if view not in self.views:
            self.views.append(view)
        self.touch()

    def touch(self) -> None:
        """Something the person sees has changed."""
        self._changed.set()

    async def message(self, timeout: float = 2.0) -> Message:  # noqa: ASYNC109
        """The next message that has not been taken by this call before; waits for it."""
        await self._until(lambda: len(self.everything) > self._taken, timeout, "message")
        self._taken += 1
        return self.everything[self._taken - 1]

    async def edit(self, timeout: float = 2.0) -> Message:  # noqa: ASYNC109
        """The message that was edited or taken away last; waits for one."""
        await self._until(lambda: bool(self.changed), timeout, "edit")
        return self.changed[-1]

    async def modal(self, timeout: float = 2.0) -> View:  # noqa: ASYNC109
        """The modal on show; waits for one."""
        await self._until(lambda: bool(self.views), timeout, "modal")
        return self.views[-1]

    async def settled(self, timeout: float = 2.0, quiet: float = QUIET) -> "Reply":  # noqa: ASYNC109
        """Wait for something to appear and then for `quiet` seconds without change."""
        try:
            async with asyncio.timeout(timeout):
                while not (self.everything or self.changed or self.views or self.errors):
                    await self._next_change()
                while await self._changes_within(quiet):
                    pass
        except TimeoutError:
            pass
        return self

    async def _until(self, seen: Callable[[], bool], seconds: float, what: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not seen():
                    await self._next_change()
        except TimeoutError:
            message = f"no {what} within {seconds} s"
            raise NothingSeen(message) from None

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _changes_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._next_change()
        except TimeoutError:
            return False
        return True
