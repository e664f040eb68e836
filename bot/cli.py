"""The command line: `pledgewatch demo | run | ask | calendar | chat | check | feeds | sync | setup | backup`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from bot import logs
from bot.config import Config, Storage
from bot.config_file import ConfigError, load, missing_tokens
from domain.errors import UserError

_USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    options = _parser().parse_args(arguments)
    try:
        code = _run(options.work(options))
    except (ConfigError, UserError) as error:
        print(error, file=sys.stderr)
        code = _USAGE_ERROR
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # the reader of our output is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _run(work: Coroutine[Any, Any, int]) -> int:
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as factory  # noqa: PLC0415 - not everywhere
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pledgewatch",
        description="Keeps companies' promises on record and tells channels what happens to them.",
    )
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_demo(verbs)
    _add_run(verbs)
    _add_ask(verbs)
    _add_chat(verbs)
    _add_check(verbs)
    _add_feeds(verbs)
    _add_upkeep(verbs)
    return parser


def _verb(
    verbs: Any, name: str, summary: str, work: Callable[[argparse.Namespace], Any]
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=summary, description=summary)
    verb.set_defaults(work=work)
    return verb


def _with_config(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--config", type=Path, metavar="FILE", help="settings; see config.example.toml"
    )


def _with_place(verb: argparse.ArgumentParser) -> None:
    _with_config(verb)
    verb.add_argument(
        "--space", metavar="discord:ID", help="the community; this terminal's own if not said"
    )
    verb.add_argument("--channel", metavar="ID", help="the channel in it")
    verb.add_argument("--as", dest="role", choices=("member", "organizer"), default="organizer")


def _add_demo(verbs: Any) -> None:
    demo = _verb(verbs, "demo", "Replay 1-12 June 2020 in this terminal.", _demo)
    demo.add_argument("--fast", action="store_true", help="without pauses for reading")


def _add_run(verbs: Any) -> None:
    run = _verb(verbs, "run", "Serve: poll, deliver, answer.", _serve)
    _with_config(run)
    run.add_argument("--once", action="store_true", help="poll everything once, deliver, exit")


def _add_ask(verbs: Any) -> None:
    ask = _verb(verbs, "ask", "Ask one command, such as '/pledge show microsoft'.", _ask)
    ask.add_argument("line", metavar="COMMAND", help="what you would type in a chat")
    ask.add_argument("--json", action="store_true", help="print the reply as JSON")
    _with_place(ask)
    calendar = _verb(
        verbs, "calendar", "Write the hearings that a channel hears of as a calendar.", _calendar
    )
    calendar.add_argument(
        "--bill", metavar="NUMBER", help="of one bill alone, such as 'CA AB 2261'"
    )
    _with_place(calendar)


def _add_chat(verbs: Any) -> None:
    _with_place(_verb(verbs, "chat", "Ask commands and hear alerts at a prompt.", _chat))


def _add_check(verbs: Any) -> None:
    _with_config(_verb(verbs, "check", "Validate the settings; try tokens and feeds.", _check))


def _add_feeds(verbs: Any) -> None:
    feeds = verbs.add_parser("feeds", help="Add, list, remove, test, import or export feeds.")
    actions = feeds.add_subparsers(required=True, metavar="ACTION")
    for name, argument in (
        ("add", "url"),
        ("list", None),
        ("remove", "feed"),
        ("test", "url"),
        ("import", "file"),
        ("export", None),
    ):
        action = _verb(actions, name, f"{name.capitalize()} feeds.", _feeds)
        action.set_defaults(action=name)
        if argument:
            action.add_argument("value", metavar=argument.upper())
        _with_place(action)


def _add_upkeep(verbs: Any) -> None:
    sync = _verb(verbs, "sync", "Bring the record, the rosters or the bills up to date.", _sync)
    sync.add_argument("what", nargs="?", choices=("records", "rosters", "bills"), default="records")
    sync.add_argument(
        "places", nargs="*", metavar="STATE", help="rosters of these alone, such as us wa ca"
    )
    _with_config(sync)
    setup = _verb(verbs, "setup", "Print what to paste where.", _setup)
    setup.add_argument("what", choices=("slack-manifest", "discord-invite"))
    _with_config(setup)
    export = _verb(verbs, "export", "Write the whole record as JSON and CSV.", _export)
    export.add_argument("folder", type=Path, metavar="DIR")
    _with_config(export)
    bring = _verb(verbs, "import", "Read such an export back, all of it or nothing.", _import)
    bring.add_argument("folder", type=Path, metavar="DIR")
    bring.add_argument(
        "--replace", action="store_true", help="even where the database holds something else"
    )
    _with_config(bring)
    backup = _verb(verbs, "backup", "Write a consistent copy of the database.", _backup)
    backup.add_argument("file", type=Path)
    _with_config(backup)


def _config(options: argparse.Namespace) -> Config:
    """Return the settings; without a file, a database in the user's own data directory."""
    config = load(options.config, os.environ)
    if options.config is not None:
        return config
    folder = Path(platformdirs.user_data_dir("pledgewatch", appauthor=False))
    return Config(storage=Storage(url=f"sqlite:///{folder / 'pledgewatch.db'}"), log=config.log)


async def _demo(options: argparse.Namespace) -> int:
    from bot.demo import demo  # noqa: PLC0415 - only here

    return await demo(fast=options.fast)


async def _serve(options: argparse.Namespace) -> int:
    from bot import service  # noqa: PLC0415 - slow to import
    from bot.app import open_core  # noqa: PLC0415
    from bot.clock import SystemClock  # noqa: PLC0415

    config = load(options.config, os.environ)
    faults = missing_tokens(config)
    if faults:
        raise ConfigError(str(options.config or "the environment"), faults)
    logs.set_up(config.log.level, config.log.format)
    async with open_core(config, SystemClock()) as core:
        try:
            if options.once:
                print(await service.run_once(core))
            else:
                await service.run(core)
        except service.NothingConnected as error:
            print(error, file=sys.stderr)
            return 1
    return 0


async def _ask(options: argparse.Namespace) -> int:
    from bot.asking import ask  # noqa: PLC0415 - slow to import

    return await ask(_config(options), options, options.line, as_json=options.json)


async def _calendar(options: argparse.Namespace) -> int:
    from bot.asking import write_calendar  # noqa: PLC0415 - slow to import

    return await write_calendar(_config(options), options, options.bill or "")


async def _chat(options: argparse.Namespace) -> int:
    from bot.asking import converse  # noqa: PLC0415 - slow to import

    return await converse(_config(options), options)


async def _check(options: argparse.Namespace) -> int:
    from bot.checking import check  # noqa: PLC0415 - slow to import

    return await check(load(options.config, os.environ))


async def _feeds(options: argparse.Namespace) -> int:
    from bot.asking import ask, export_feeds, import_feeds  # noqa: PLC0415 - slow to import

    config = _config(options)
    if options.action == "import":
        return await import_feeds(config, options, Path(options.value))
    if options.action == "export":
        return await export_feeds(config, options)
    line = f"/feed {options.action} {getattr(options, 'value', '')}"
    return await ask(config, options, line, as_json=False)


async def _sync(options: argparse.Namespace) -> int:
    from bot.app import open_core  # noqa: PLC0415 - slow to import
    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.records import sync_records  # noqa: PLC0415
    from bot.rosters import named_rosters  # noqa: PLC0415

    names = named_rosters(options.places)
    async with open_core(_config(options), SystemClock()) as core:
        if options.what == "rosters":
            synced = await core.rosters.sync(names)
            print("\n".join(one.told for one in synced))
            return int(any(one.error for one in synced))
        if options.what == "bills":
            await core.legislatures.poll_all()
            print(core.legislatures.told or "No bill is tracked that a service tells of.")
            return int(core.legislatures.polled.failed > 0)
        await sync_records(core.database, core.clock, anew=True)
        record = await core.database.read(lambda tx: tx.record.load())
    print(
        f"The record is up to date: {len(record.companies)} companies, "
        f"{len(record.bills)} bills, {len(record.coalitions)} coalitions."
    )
    return 0


async def _setup(options: argparse.Namespace) -> int:
    from bot.setup import discord_invite, slack_manifest  # noqa: PLC0415 - slow to import

    config = load(options.config, os.environ)
    if options.what == "slack-manifest":
        print(json.dumps(slack_manifest(config), indent=2, ensure_ascii=False))
        return 0
    print(discord_invite(config))
    return 0


async def _export(options: argparse.Namespace) -> int:
    from bot.clock import SystemClock  # noqa: PLC0415 - slow to import
    from bot.exchange import export_record  # noqa: PLC0415
    from bot.records import sync_records  # noqa: PLC0415
    from storage.db import Database  # noqa: PLC0415

    async with Database(_config(options).database) as database:
        await sync_records(database, SystemClock())
        try:
            whole = await export_record(database, options.folder)
        except OSError as error:
            print(f"{options.folder} cannot be written: {error}", file=sys.stderr)
            return 1
    print(f"Written to {options.folder}: {whole.summary}.")
    return 0


async def _import(options: argparse.Namespace) -> int:
    from bot.clock import SystemClock  # noqa: PLC0415 - slow to import
    from bot.exchange import ImportRefused, import_record  # noqa: PLC0415
    from storage.db import Database  # noqa: PLC0415

    async with Database(_config(options).database) as database:
        try:
            whole, notes = await import_record(
                database, options.folder, SystemClock(), replace=options.replace
            )
        except ImportRefused as refused:
            print("\n".join([f"{refused} Nothing was imported.", *refused.shown]), file=sys.stderr)
            return 1
    print("\n".join([f"Imported: {whole.summary}.", *notes]))
    return 0


async def _backup(options: argparse.Namespace) -> int:
    from storage.db import Database  # noqa: PLC0415 - slow to import

    async with Database(_config(options).database) as database:
        await database.backup(options.file)
    print(f"Written to {options.file}.")
    return 0
