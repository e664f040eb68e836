"""Reads the configuration: a TOML file and the environment.

Every fault is reported at once by its dotted key. Secrets come from the environment, from a file
named by a `*_file` key, or stand in a config file that only its owner can read.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cattrs import Converter

from bot.config import Config, Network, Secret, Size, keys, secrets
from domain.codec import Faults, make_converter, structure

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"KiB": 1024, "MiB": 1024**2, "": 1}
_OTHERS_MAY_READ = 0o077


class ConfigError(Exception):
    """The configuration cannot be used; `faults` has a line for each reason."""

    def __init__(self, where: str, faults: list[str]) -> None:
        super().__init__(f"{where} cannot be used:\n" + "\n".join(f"  {line}" for line in faults))
        self.faults = faults


# Environment variable → the dotted key it sets.
ENVIRONMENT = {
    "PLEDGEWATCH_DISCORD_TOKEN": "discord.token",
    "PLEDGEWATCH_SLACK_BOT_TOKEN": "slack.bot_token",
    "PLEDGEWATCH_SLACK_APP_TOKEN": "slack.app_token",
    "PLEDGEWATCH_SLACK_SIGNING_SECRET": "slack.signing_secret",
    "PLEDGEWATCH_OPENSTATES_KEY": "sources.openstates.key",
    "PLEDGEWATCH_LEGISCAN_KEY": "sources.legiscan.key",
    "PLEDGEWATCH_CONGRESS_KEY": "sources.congress.key",
    "PLEDGEWATCH_SECRET_KEY": "secret_key",
}
_CHOICES = {
    "slack.mode": ("socket", "http"),
    "log.level": ("debug", "info", "warning", "error"),
    "log.format": ("text", "json"),
}
_WEB = re.compile(r"https?://[^\s/]+\S*")
_LISTEN = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")
_MOST_PORTS = 65535
_URLS = ("_url", ".api_base")
_PREFIX = re.compile(r"[a-z0-9_-]{0,16}")


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """Read `path` (none: the defaults) and the environment. Raises ConfigError with all faults."""
    data = _read(path) if path else {}
    faults = _exposed_secrets(path, data) if path else []
    for variable, key in ENVIRONMENT.items():
        if environment.get(variable):
            _put(data, key, environment[variable])
    faults += _read_secret_files(data, path.parent if path else Path())
    config, misshapen = _shaped(data)
    faults += misshapen
    faults += _check(config, misshapen)
    if faults:
        raise ConfigError(str(path) if path else "the environment", faults)
    return _beside(config, path)


def _shaped(data: dict[str, Any]) -> tuple[Config, list[str]]:
    """Return the settings without those that are misshapen, and a fault for each of these."""
    converter = _converter()
    try:
        return structure(converter, data, Config), []
    except Faults as found:
        for line in found.lines:
            _drop(data, re.split(r"[:\[]", line)[0])
        return structure(converter, data, Config), found.lines


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(str(path), ["there is no such file"]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(path), [str(error)]) from None


def _exposed_secrets(path: Path, data: Mapping[str, Any]) -> list[str]:
    """Name secrets in a file that others can read, and the fix."""
    if os.name == "nt" or not path.stat().st_mode & _OTHERS_MAY_READ:
        return []
    return [
        f"{key}: a secret in a file that others can read; run: chmod 600 {path}"
        for key in secrets()
        if _get(data, key)
    ]


def _read_secret_files(data: dict[str, Any], folder: Path) -> list[str]:
    faults = []
    for key in secrets():
        name = _get(data, f"{key}_file")
        if not isinstance(name, str) or not name or _get(data, key):
            continue
        try:
            _put(data, key, (folder / name).read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            faults.append(f"{key}_file: {name} cannot be read: {reason}")
    return faults


def _check(config: Config, misshapen: Sequence[str]) -> list[str]:
    """Name what is well formed and still cannot be meant."""
    told = [*_unmeant_words(config), *_unmeant_numbers(config)]
    polling = config.polling
    in_order = timedelta(0) < polling.min_interval <= polling.interval <= polling.max_interval
    if not in_order and not any(line.startswith("polling.") for line in misshapen):
        told.append(("polling.interval", "expected min_interval ≤ interval ≤ max_interval"))
    return [f"{key}: {expected}" for key, expected in told]


def _unmeant_words(config: Config) -> Iterator[tuple[str, str]]:
    for key, choices in _CHOICES.items():
        if _value(config, key) not in choices:
            yield key, f"expected one of {', '.join(choices)}, not {_value(config, key)!r}"
    for key in keys():
        written = str(_value(config, key))
        if key.endswith(_URLS) and written and not _WEB.fullmatch(written):
            yield key, f"expected an address such as https://example.org, not {written!r}"
    for place, url in enumerate(config.starter.feeds):
        if not _WEB.fullmatch(url):
            yield f"starter.feeds[{place}]", f"expected a feed's address, not {url!r}"
    if not _PREFIX.fullmatch(config.slack.command_prefix):
        yield "slack.command_prefix", "expected at most 16 small letters, digits, - and _"


def _unmeant_numbers(config: Config) -> Iterator[tuple[str, str]]:
    for key, written in (("slack.listen", config.slack.listen), ("web.listen", config.web.listen)):
        listen = _LISTEN.fullmatch(written)
        if listen is None or int(listen[1]) > _MOST_PORTS:
            yield key, f"expected an address and a port such as 127.0.0.1:8080, not {written!r}"
    if not re.fullmatch(r"sqlite:///.+", config.storage.url):
        yield "storage.url", "expected sqlite:/// and a file, such as sqlite:///pledgewatch.db"
    if config.storage.keep < timedelta(days=1):
        yield "storage.keep", "expected at least 1d"
    if not timedelta(0) < config.network.timeout <= timedelta(minutes=5):
        yield "network.timeout", "expected between 1s and 5m"


def missing_tokens(config: Config) -> list[str]:
    """Return a fault for every token that an enabled chat needs and does not have."""
    needed = []
    if config.discord_on:
        needed.append(("discord.token", config.discord.token))
    if config.slack_on:
        needed.append(("slack.bot_token", config.slack.bot_token))
        socket = config.slack.mode == "socket"
        needed.append(
            ("slack.app_token", config.slack.app_token)
            if socket
            else ("slack.signing_secret", config.slack.signing_secret)
        )
    variables = {key: variable for variable, key in ENVIRONMENT.items()}
    return [
        f"{key}: missing; set {variables[key]} in the environment or {key}_file"
        for key, value in needed
        if not value
    ]


def _beside(config: Config, path: Path | None) -> Config:
    """Place a relative database beside the config file, wherever the program is started."""
    if path is None or config.database.is_absolute():
        return config
    url = f"sqlite:///{path.absolute().parent / config.database}"
    return replace(config, storage=replace(config.storage, url=url))


def _converter() -> Converter:
    converter = make_converter()
    converter.register_structure_hook(timedelta, lambda value, _: _duration(value))
    converter.register_structure_hook(Size, lambda value, _: _size(value))
    converter.register_structure_hook(Secret, lambda value, _: _secret(value))
    converter.register_structure_hook(Network, lambda value, _: _network(value))
    return converter


def _duration(value: object) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"expected a time such as 30s, 15m, 6h or 180d, not {value!r}")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _size(value: object) -> Size:
    found = re.fullmatch(r"(\d{1,9})(KiB|MiB|)", value) if isinstance(value, str) else None
    if not found or not int(found[1]):
        raise ValueError(f"expected a size such as 512KiB or 5MiB, not {value!r}")
    return Size(int(found[1]) * _SIZES[found[2]])


def _secret(value: object) -> Secret:
    if not isinstance(value, str):
        raise ValueError("expected a text")  # noqa: TRY004 - reported as a fault
    return Secret(value)


def _network(value: object) -> Network:
    try:
        return ip_network(str(value))
    except ValueError as error:
        raise ValueError(f"expected a range such as 127.0.0.0/8: {error}") from None


def _get(data: Mapping[str, Any], key: str) -> Any:
    value: Any = data
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _value(config: Config, key: str) -> object:
    value: object = config
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _put(data: dict[str, Any], key: str, value: str) -> None:
    """Set a key; what stands where a table should is left for its own fault."""
    table: Any = data
    *tables, name = key.split(".")
    for one in tables:
        table = table.setdefault(one, {}) if isinstance(table, dict) else None
    if isinstance(table, dict):
        table[name] = value


def _drop(data: dict[str, Any], key: str) -> None:
    table: Any = data
    *tables, name = key.split(".")
    for one in tables:
        table = table.get(one) if isinstance(table, dict) else None
    if isinstance(table, dict):
        table.pop(name, None)
