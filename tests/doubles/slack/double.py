"""The Slack double: start it, point the real SDKs at it, and act as a person would."""

from types import TracebackType
from typing import Self

from aiohttp import web

from tests.doubles.slack.acting import Acting
from tests.doubles.slack.delivery import Delivery
from tests.doubles.slack.hooks import Hooks
from tests.doubles.slack.sockets import Sockets
from tests.doubles.slack.web_api import WebApi
from tests.doubles.slack.workspace import Request


class SlackDouble(Acting):
    """Slack on a loopback socket.

    `async with SlackDouble() as slack:` serves the Web API at `slack.api_base`, Socket Mode at
    what `apps.connections.open` gives, and response addresses; `use_http` turns to signed POSTs.
    """

    _runner: web.AppRunner | None = None

    @property
    def api_base(self) -> str:
        """What to give AsyncWebClient as `base_url`."""
        return f"{self.root}/api/"

    @property
    def sockets(self) -> Sockets:
        """Socket Mode: `connected`, `disconnect`, `drop`, and how often to resend."""
        return self.courier.sockets

    @property
    def refusals(self) -> list[Request]:
        """The calls that were answered with an error or broken off."""
        return [request for request in self.requests if request.error]

    def use_http(self, url: str) -> None:
        """Deliver to this request URL from now on."""
        self.courier.http.url = url

    async def repeat(self, delivery: Delivery) -> Delivery:
        """Send the very same envelope or request once more."""
        return await self.courier.repeat(delivery)

    async def verify_url(self) -> bool:
        """Whether the request URL answers Slack's challenge, as it must before it is taken."""
        challenge = self.token("challenge-")
        payload = {"token": self.verification_token, "challenge": challenge}
        payload["type"] = "url_verification"
        delivery = await self.courier.deliver("events_api", payload)
        said = delivery.said() or {}
        return challenge in {said.get("challenge"), said.get("text")}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", WebApi(self).handle)
        app.router.add_post("/hooks/{kind}/{team}/{token}", Hooks(self).handle)
        app.router.add_get("/link/", self.sockets.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.root = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.courier.close()
        if self._runner:
            await self._runner.cleanup()
