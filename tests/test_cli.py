"""The command line in this process: what each verb prints and with which code it ends."""

import asyncio
import io
import json
import logging
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from tests.doubles.discord import DiscordDouble
from tests.loopback import Item, Publisher


@dataclass
class Shell:
    """A folder with settings, and a publisher."""

    folder: Path
    config: Path
    publisher: Publisher
    capsys: pytest.CaptureFixture[str]

    async def run(self, *arguments: str, code: int = 0) -> str:
        """Run `pledgewatch` with our settings; return what it printed, errors last."""
        return await self.bare(*arguments, "--config", str(self.config), code=code)

    async def bare(self, *arguments: str, code: int = 0) -> str:
        """Run it without our settings."""
        ended = await asyncio.wait_for(asyncio.to_thread(_code, arguments), 60)
        out, err = self.capsys.readouterr()
        assert ended == code, f"{out}\n{err}"
        return out + err


def _code(arguments: Sequence[str]) -> object:
    try:
        main(arguments)
    except SystemExit as ended:
        return ended.code
    raise AssertionError("it did not exit")


@pytest.fixture
async def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shell]:
    for name in ("DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(f"PLEDGEWATCH_{name}", raising=False)
    config = tmp_path / "config.toml"
    config.write_text(
        '[storage]\nurl = "sqlite:///cli.db"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
        + "".join(
            f'[sources.{one}]\nbase_url = ""\n' for one in ("govinfo", "washington", "legistar")
        )
    )
    root = logging.getLogger()
    before = root.handlers[:], root.level
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(Publisher())
        yield Shell(tmp_path, config, publisher, capsys)
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = before


async def test_check_names_what_is_well_and_what_is_to_be_mended(shell: Shell) -> None:
    told = await shell.run("check")
    assert "No chat is switched on" in told
    assert "sources.openstates.key: none; it would add bills of the fifty states" in told
    assert "Without any key: Congress through GovInfo, Washington" in told
    assert told.rstrip().endswith("All well.")
    shell.publisher.put("good", Item("A", "https://a.example/1"))
    shell.publisher.put("bad", Item("B", "https://b.example/1"))
    for path in ("good", "bad"):
        await shell.run("feeds", "add", shell.publisher.url(path))
    shell.publisher.pages["bad"].body = b"<html><body>Please log in</body></html>"
    told = await shell.run("check", code=1)
    assert f"ok   {shell.publisher.url('good')}: 1 items." in told
    assert f"FIX  {shell.publisher.url('bad')}: This is a web page, not a feed." in told
    assert "1 to mend." in told


async def test_check_tries_the_tokens(shell: Shell) -> None:
    async with DiscordDouble() as discord:
        settings = shell.config.read_text()
        section = f'[discord]\nenabled = true\napi_base = "{discord.api_base}"\n'
        shell.config.write_text(settings + section)
        assert "discord.token" in await shell.run("check", code=1)
        shell.config.write_text(f'{settings}{section}token = "{discord.token}"\n')
        shell.config.chmod(0o600)
        assert "discord: logged in as" in await shell.run("check")
        shell.config.write_text(f'{settings}{section}token = "no.such.token"\n')
        assert "FIX  discord:" in await shell.run("check", code=1)
        assert discord.unexpected == []


async def test_feeds_go_out_and_come_in_as_opml(shell: Shell) -> None:
    for path in ("one", "two"):
        shell.publisher.put(path, Item("A", f"https://{path}.example/1"), title=f"The {path}")
        await shell.run("feeds", "add", shell.publisher.url(path))
    written = await shell.run("feeds", "export")
    assert 'text="The one"' in written
    shell.config.write_text(shell.config.read_text().replace("cli.db", "other.db"))
    file = shell.folder / "feeds.opml"
    file.write_text(written)
    told = await shell.run("feeds", "import", str(file))
    assert f"1/2 {shell.publisher.url('one')}: followed" in told
    listed = await shell.run("feeds", "list")
    assert "The one" in listed
    assert "The two" in listed
    shell.publisher.pages["two"].status = 404
    shell.config.write_text(shell.config.read_text().replace("other.db", "third.db"))
    assert "2/2" in await shell.run("feeds", "import", str(file), code=1)
    file.write_text("no list")
    assert "cannot be used" in await shell.run("feeds", "import", str(file), code=1)


async def test_a_prompt_answers_lines_and_numbers(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.StringIO("/pledge show Micorsoft\n1\n\n/quit\nnever read\n")
    monkeypatch.setattr(sys, "stdin", typed)
    told = await shell.run("chat")
    assert "Did you mean Microsoft?" in told
    assert "No face recognition for US police" in told
    assert typed.read() == "never read\n"


async def test_an_answer_as_json_and_a_refusal(shell: Shell) -> None:
    told = json.loads(await shell.run("ask", "/pledge show ibm", "--json"))
    assert told["card"]["company"] == "IBM"
    told = await shell.run("ask", "/feed add https://a.example/feed", "--as", "member", code=1)
    assert "Only organizers can use /feed add here." in told
    told = await shell.run("ask", "/pledge list", "--space", "nowhere", code=2)
    assert "Write discord:ID or slack:ID" in told


async def test_a_backup_is_a_whole_database(shell: Shell) -> None:
    await shell.run("ask", "/watch add robots")
    copy = shell.folder / "copy.db"
    assert "Written to" in await shell.run("backup", str(copy))
    with closing(sqlite3.connect(copy)) as database:
        labels = {row[0] for row in database.execute("SELECT label FROM watches")}
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "robots" in labels


async def test_what_to_paste_where(shell: Shell) -> None:
    assert "client_id=YOUR_APPLICATION_ID" in await shell.run("setup", "discord-invite")
    manifest = json.loads(await shell.run("setup", "slack-manifest"))
    assert manifest["settings"]["socket_mode_enabled"] is True


async def test_the_record_is_brought_up_to_date(shell: Shell) -> None:
    assert "11 companies" in await shell.run("sync", "records")


async def test_running_without_any_chat_says_so(shell: Shell) -> None:
    told = await shell.run("run", "--once")
    assert "0 feeds read" in told


async def test_every_fault_of_the_settings_is_said_at_once(shell: Shell) -> None:
    shell.config.write_text('[polling]\ninterval = "soon"\n[log]\nlevel = "loud"\n[nonsense]\n')
    told = await shell.run("run", code=2)
    assert "polling.interval" in told
    assert "log.level" in told
    assert "nonsense" in told


async def test_without_settings_the_database_is_the_users_own(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(shell.folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(shell.folder / "data"))
    assert "Amazon" in await shell.bare("ask", "/pledge list")
    assert (shell.folder / "data" / "pledgewatch" / "pledgewatch.db").exists()
