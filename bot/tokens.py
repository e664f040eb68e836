"""Signed tokens for buttons: what a press means, tied to where the button stands.

A token is `p1|path|arguments|mac`, at most 100 characters. The MAC (HMAC-SHA-256, first 16 bytes)
also binds platform, space and channel, so a token copied elsewhere is refused. Arguments that do
not fit sit in a row that expires.
"""

import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from urllib.parse import parse_qsl, urlencode

from domain.cards import Action
from domain.errors import UserError
from domain.model import ChannelRef
from domain.ports import Clock
from storage.db import Database, Tx

PREFIX = "p1|"
_MAX = 100
_MAC_BYTES = 16
_KEPT = timedelta(days=90)


class Tokens:
    """Makes and reads the tokens of buttons."""

    def __init__(self, key: bytes, database: Database, clock: Clock) -> None:
        self._key = key
        self._database = database
        self._clock = clock

    async def sign(self, actions: Iterable[Action], channel: ChannelRef) -> dict[Action, str]:
        """Return a token for each action that is a command, for a card shown in `channel`."""
        signed: dict[Action, str] = {}
        long: list[Action] = []
        for action in actions:
            if not action.command:
                continue
            token = self._token(action.command, urlencode(action.arguments), channel)
            if len(token) <= _MAX:
                signed[action] = token
            else:
                long.append(action)
        if long:
            signed |= await self._keep(long, channel)
        return signed

    async def read(self, token: str, channel: ChannelRef) -> tuple[str, dict[str, str]]:
        """Return the command path and arguments. Raises UserError if the token is not ours."""
        path, _, rest = token.removeprefix(PREFIX).partition("|")
        arguments, _, mac = rest.rpartition("|")
        given, ours = (
            mac.encode(errors="surrogatepass"),
            self._mac(path, arguments, channel).encode(),
        )
        if not hmac.compare_digest(given, ours):
            raise UserError("This button does not belong here any more.", hint="Type the command.")
        if not arguments.startswith("~"):
            return path, dict(parse_qsl(arguments, keep_blank_values=True))
        now = self._clock.now()
        kept = await self._database.read(lambda tx: tx.audit.arguments(int(arguments[1:]), now))
        if kept is None:
            raise UserError("This button is too old.", hint="Type the command.")
        return path, kept

    def nonce(self, delivery_id: int) -> str:
        """Return a delivery's idempotency key: the same each time, at most 25 characters."""
        return sha256(self._key + f"delivery {delivery_id}".encode()).hexdigest()[:24]

    async def _keep(self, actions: list[Action], channel: ChannelRef) -> dict[Action, str]:
        expires = self._clock.now() + _KEPT

        def work(tx: Tx) -> list[int]:
            return [tx.audit.keep_arguments(dict(one.arguments), expires) for one in actions]

        rows = await self._database.write(work)
        return {
            action: self._token(action.command, f"~{row}", channel)
            for action, row in zip(actions, rows, strict=True)
        }

    def _token(self, path: str, arguments: str, channel: ChannelRef) -> str:
        return f"{PREFIX}{path}|{arguments}|{self._mac(path, arguments, channel)}"

    def _mac(self, path: str, arguments: str, channel: ChannelRef) -> str:
        bound = "\0".join((PREFIX, path, arguments, str(channel)))
        digest = hmac.digest(self._key, bound.encode(errors="surrogatepass"), "sha256")[:_MAC_BYTES]
        return urlsafe_b64encode(digest).decode().rstrip("=")


def load_key(given: str, beside: Path) -> bytes:
    """Return the key from the environment, or the one in a file only its owner can read.

    The file stands beside the database and is made at the first start.
    """
    if given:
        return sha256(given.encode()).digest()
    path = beside.with_name(f"{beside.name}.key")
    if not path.exists():
        made = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(token_bytes(32))
        with suppress(FileExistsError):  # another process was first: its key holds
            os.link(made, path)
        made.unlink()
    return path.read_bytes()
