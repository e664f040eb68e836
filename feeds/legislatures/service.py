"""How a legislature's service is asked: counted, guarded, with its key, and its faults in words.

    may we? (Meter) → address and key → Fetcher → faults told as LegislatureError → read with care

Keys go where the service wants them, and nowhere else: no error text and no log holds an address.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import quote, urlencode

from aiohttp import hdrs
from yarl import URL

from domain.errors import FeedError, RefusedAddress, SourceGone
from domain.model import Validators
from domain.ports import Clock
from feeds.http import Answer, Fetcher, FetchFailed
from feeds.legislatures.port import (
    KeyRefused,
    LegislatureError,
    Meter,
    NotThere,
    QuotaUsedUp,
    ServiceDown,
)
from feeds.legislatures.reading import Node, read_json, read_xml

Params = Mapping[str, str | int | list[str]]
_NOTHING: Params = MappingProxyType({})
_NO_VALIDATORS = Validators()
_JSON = "application/json"
_XML = "application/xml, text/xml"
_DEFAULT_WAIT = timedelta(hours=1)
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of the settings, ready to be asked.

    The key is sent as the header `key_header` or as the parameter `key_param`, if there is one.
    """

    name: str
    fetcher: Fetcher
    meter: Meter
    clock: Clock
    base_url: str
    key: str = field(default="", repr=False)
    key_header: str = ""
    key_param: str = ""

    def now(self) -> datetime:
        """Return the present instant."""
        return self.clock.now()

    async def json(self, path: str, params: Params = _NOTHING) -> Node:
        """Ask for a JSON document. Raises LegislatureError."""
        answer = await self.ask(path, params, accept=_JSON)
        return read_json(self.name, answer.body or b"")

    async def xml(self, path: str, params: Params = _NOTHING) -> Node:
        """Ask for an XML document; read beside the event loop. Raises LegislatureError."""
        answer = await self.ask(path, params)
        return await asyncio.to_thread(read_xml, self.name, answer.body or b"")

    async def ask(
        self,
        path: str,
        params: Params = _NOTHING,
        validators: Validators = _NO_VALIDATORS,
        accept: str = _XML,
    ) -> Answer:
        """Ask, or ask whether it changed. Raises LegislatureError."""
        await self.meter.take(self.name)
        try:
            return await self.fetcher.get(
                str(self._url(path, params)), validators, headers=self._headers(accept)
            )
        except FeedError as error:
            raise await self._told(error) from None

    def _url(self, path: str, params: Params) -> URL:
        base = URL(self.base_url)
        url = base.joinpath(*path.split("/")) if path else base
        if self.key and self.key_param:
            params = {self.key_param: self.key, **params}
        query = urlencode(params, doseq=True, quote_via=quote, safe="$")
        return URL(f"{url}?{query}", encoded=True) if query else url

    def _headers(self, accept: str) -> Mapping[str, str]:
        key = {self.key_header: self.key} if self.key and self.key_header else {}
        return {hdrs.ACCEPT: accept, **key}

    async def _told(self, error: FeedError) -> LegislatureError:
        """Say what went wrong as this service's own fault."""
        status = error.status if isinstance(error, FetchFailed) else 0
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return await self.used_up(error.retry_after or _DEFAULT_WAIT)
        if status in _REFUSED:
            return self.key_refused()
        if status == HTTPStatus.NOT_FOUND or isinstance(error, SourceGone):
            return NotThere(self.name, "it has nothing under that name (404).")
        if isinstance(error, RefusedAddress):  # its sentence has the address, where a key may be
            told = f"it, or where it sends us, must not be asked (rule: {error.rule})."
            return ServiceDown(self.name, told)
        return ServiceDown(self.name, str(error), retry_after=error.retry_after)

    async def used_up(self, wait: timedelta) -> QuotaUsedUp:
        """Note that the service wants to be left alone, and return the fault that says so."""
        await self.meter.block(self.name, wait)
        return QuotaUsedUp(self.name, "it says that the allowance is used up", retry_after=wait)

    async def used_up_today(self) -> QuotaUsedUp:
        """Note the same for the rest of the UTC day, of a service that does not say how long."""
        now = self.now().astimezone(UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return await self.used_up(midnight - now)

    def key_refused(self) -> KeyRefused:
        """Return the fault that the key does not do."""
        return KeyRefused(self.name, has_key=bool(self.key))
