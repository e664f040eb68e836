"""Reads the configuration: a TOML file and the environment.

Every fault is reported at once by its dotted key. Secrets come from the environment, from a file
named by a `*_file` key, or stand in a config file that only its owner can read.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cattrs import Converter

from bot.config import Config, Network, Secret, Size
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


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """Read `path` (none: the defaults) and the environment. Raises ConfigError with all faults."""
    where = str(path) if path else "the environment"
    data = _read(path) if path else {}
    faults = _exposed_secrets(path, data) if path else []
    for variable, key in ENVIRONMENT.items():
        if environment.get(variable):
            _put(data, key, environment[variable])
    faults += _read_secret_files(data, path.parent if path else Path())
    try:
        config = structure(_converter(), data, Config)
    except Faults as found:
        raise ConfigError(where, faults + found.lines) from None
    faults += _check(config, data)
    if faults:
        raise ConfigError(where, faults)
    return _beside(config, path)


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
        for key in ENVIRONMENT.values()
        if _get(data, key)
    ]


def _read_secret_files(data: dict[str, Any], folder: Path) -> list[str]:
    faults = []
    for key in ENVIRONMENT.values():
        name = _get(data, f"{key}_file")
        if not isinstance(name, str) or not name or _get(data, key):
            continue
        try:
            _put(data, key, (folder / name).read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{key}_file: cannot be read: {error}")
    return faults


def _check(config: Config, data: Mapping[str, Any]) -> list[str]:
    """Name what is well formed and still cannot be meant."""
    faults = [
        f"{key}: expected one of {', '.join(choices)}, not {_get(data, key)!r}"
        for key, choices in _CHOICES.items()
        if _get(data, key) is not None and _get(data, key) not in choices
    ]
    polling = config.polling
    if not timedelta(0) < polling.min_interval <= polling.interval <= polling.max_interval:
        faults.append("polling.interval: expected min_interval ≤ interval ≤ max_interval")
    if not config.storage.url.startswith("sqlite:///"):
        faults.append(
            "storage.url: expected sqlite:/// and a file, such as sqlite:///pledgewatch.db"
        )
    if config.storage.keep < timedelta(days=1):
        faults.append("storage.keep: expected at least 1d")
    if not timedelta(0) < config.network.timeout <= timedelta(minutes=5):
        faults.append("network.timeout: expected between 1s and 5m")
    return faults


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


def _put(data: dict[str, Any], key: str, value: str) -> None:
    *tables, name = key.split(".")
    for table in tables:
        data = data.setdefault(table, {})
    data[name] = value
