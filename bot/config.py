"""Configuration as frozen records. `bot.config_file` reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that shows itself nowhere but where it is asked for by name."""

    value: str

    def __repr__(self) -> str:
        return "Secret(…)" if self.value else "Secret()"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self.value)


@dataclass(frozen=True, slots=True)
class Size:
    """A number of bytes."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where things are kept and for how long."""

    url: str = "sqlite:///pledgewatch.db"
    keep: timedelta = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """Feeds offered to a new community."""

    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discord:
    """The Discord side; where `enabled` is not said, it is when there is a token."""

    enabled: bool | None = None
    api_base: str = "https://discord.com/api/v10"
    organizer_roles: tuple[str, ...] = ()
    token: Secret = Secret("")
    token_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """The Slack side; where `enabled` is not said, it is when there is a token."""

    enabled: bool | None = None
    mode: str = "socket"
    api_base: str = "https://slack.com/api/"
    listen: str = "127.0.0.1:3000"
    command_prefix: str = ""
    organizers: tuple[str, ...] = ()
    bot_token: Secret = Secret("")
    bot_token_file: str = ""
    app_token: Secret = Secret("")
    app_token_file: str = ""
    signing_secret: Secret = Secret("")
    signing_secret_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How often feeds are asked."""

    interval: timedelta = timedelta(minutes=15)
    min_interval: timedelta = timedelta(minutes=5)
    max_interval: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Networking:
    """What may be fetched, and how much of it."""

    allow_private: tuple[Network, ...] = ()
    timeout: timedelta = timedelta(seconds=30)
    max_body: Size = Size(5 * 1024**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A legislature's service that knows its users by a key."""

    base_url: str = ""
    key: Secret = Secret("")
    key_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStates(Service):
    """Open States v3."""

    base_url: str = "https://v3.openstates.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegiScan(Service):
    """LegiScan."""

    base_url: str = "https://api.legiscan.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Congress(Service):
    """Congress.gov v3."""

    base_url: str = "https://api.congress.gov/v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Legistar(Service):
    """Legistar, where city councils publish."""

    base_url: str = "https://webapi.legistar.com/v1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class GovInfo:
    """GovInfo, which needs no key."""

    base_url: str = "https://www.govinfo.gov/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Washington:
    """The web services of Washington's legislature, which need no key."""

    base_url: str = "https://wslwebservices.leg.wa.gov/"


@dataclass(frozen=True, slots=True, kw_only=True)
class FederalRegister:
    """The Federal Register, which needs no key."""

    base_url: str = "https://www.federalregister.gov/api/v1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The legislatures' services."""

    openstates: OpenStates = field(default_factory=OpenStates)
    legiscan: LegiScan = field(default_factory=LegiScan)
    congress: Congress = field(default_factory=Congress)
    legistar: Legistar = field(default_factory=Legistar)
    govinfo: GovInfo = field(default_factory=GovInfo)
    washington: Washington = field(default_factory=Washington)
    federal_register: FederalRegister = field(default_factory=FederalRegister)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rosters:
    """Where lists of legislators are had."""

    congress_url: str = "https://unitedstates.github.io/congress-legislators/"
    openstates_url: str = "https://data.openstates.org/people/current/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Geocoder:
    """What turns an address into districts."""

    base_url: str = "https://geocoding.geo.census.gov/geocoder/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The public pages."""

    enabled: bool = True
    listen: str = "127.0.0.1:8080"
    public_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is logged and how."""

    level: str = "info"
    format: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings; see `config.example.toml`, which has every key with a comment."""

    storage: Storage = field(default_factory=Storage)
    starter: Starter = field(default_factory=Starter)
    discord: Discord = field(default_factory=Discord)
    slack: Slack = field(default_factory=Slack)
    polling: Polling = field(default_factory=Polling)
    network: Networking = field(default_factory=Networking)
    sources: Services = field(default_factory=Services)
    rosters: Rosters = field(default_factory=Rosters)
    geocoder: Geocoder = field(default_factory=Geocoder)
    web: Web = field(default_factory=Web)
    log: Log = field(default_factory=Log)
    secret_key: Secret = Secret("")
    secret_key_file: str = ""

    @property
    def database(self) -> Path:
        """The database file."""
        return Path(self.storage.url.removeprefix("sqlite:///"))

    @property
    def discord_on(self) -> bool:
        """Whether Discord is to be connected."""
        chosen = self.discord.enabled
        return bool(self.discord.token) if chosen is None else chosen

    @property
    def slack_on(self) -> bool:
        """Whether Slack is to be connected."""
        chosen = self.slack.enabled
        return bool(self.slack.bot_token) if chosen is None else chosen


def keys(shape: type = Config, prefix: str = "") -> list[str]:
    """Return every dotted key there is, those of secrets included."""
    return [key for key, _ in _keyed(shape, prefix)]


def secrets() -> list[str]:
    """Return the dotted keys of secrets; each has a key with `_file` behind it besides."""
    return [key for key, kind in _keyed(Config, "") if kind is Secret]


def _keyed(shape: type, prefix: str) -> Iterator[tuple[str, object]]:
    for one in fields(shape):
        kind = one.type
        if isinstance(kind, type) and kind.__module__ == __name__ and kind not in {Secret, Size}:
            yield from _keyed(kind, f"{prefix}{one.name}.")
        else:
            yield f"{prefix}{one.name}", kind
