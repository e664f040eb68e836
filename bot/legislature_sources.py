"""The legislatures' services that the settings allow, ready to be asked."""

from collections.abc import Iterator

from bot.config import Config
from domain.ports import Clock
from feeds.http import Fetcher
from feeds.legislatures.congress import Congress
from feeds.legislatures.federal_register import FederalRegister
from feeds.legislatures.govinfo import GovInfo
from feeds.legislatures.legiscan import LegiScan
from feeds.legislatures.legistar import Legistar
from feeds.legislatures.openstates import OpenStates
from feeds.legislatures.port import LegislatureSource, Meter
from feeds.legislatures.service import Service
from feeds.legislatures.washington import Washington

_HEADERS = {"openstates": "X-API-KEY"}
_PARAMS = {"legiscan": "key", "congress": "api_key"}


def make_legislatures(
    config: Config, fetcher: Fetcher, meter: Meter, clock: Clock
) -> list[LegislatureSource]:
    """Return the services in the order in which they are trusted, the legislatures' own first.

    One that wants a key is there only with one; an empty address switches any of them off.
    """

    def usable() -> Iterator[LegislatureSource]:
        sources = config.sources
        if sources.congress.base_url and sources.congress.key:
            yield Congress(_service("congress", config, fetcher, meter, clock))
        if sources.govinfo.base_url:
            yield GovInfo(_service("govinfo", config, fetcher, meter, clock))
        if sources.washington.base_url:
            yield Washington(_service("washington", config, fetcher, meter, clock))
        if sources.legistar.base_url:
            yield Legistar(_service("legistar", config, fetcher, meter, clock))
        if sources.openstates.base_url and sources.openstates.key:
            yield OpenStates(_service("openstates", config, fetcher, meter, clock))
        if sources.legiscan.base_url and sources.legiscan.key:
            yield LegiScan(_service("legiscan", config, fetcher, meter, clock))

    return list(usable())


def make_register(config: Config, fetcher: Fetcher, meter: Meter, clock: Clock) -> FederalRegister:
    """Return the Federal Register, which tells of rules and no bills."""
    return FederalRegister(_service("federal_register", config, fetcher, meter, clock))


def _service(name: str, config: Config, fetcher: Fetcher, meter: Meter, clock: Clock) -> Service:
    settings = getattr(config.sources, name)
    return Service(
        name=name,
        fetcher=fetcher,
        meter=meter,
        clock=clock,
        base_url=settings.base_url,
        key=settings.key.value if hasattr(settings, "key") else "",
        key_header=_HEADERS.get(name, ""),
        key_param=_PARAMS.get(name, ""),
    )
