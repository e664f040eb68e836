import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.config import Config, Secret
from bot.config_file import ENVIRONMENT, ConfigError, load, missing_tokens

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a config file that only its owner can read."""

    def put(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        return path

    return put


def faults(path: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(path, environment or {})
    return raised.value.faults


class TestReading:
    def test_without_a_file_everything_has_its_default(self) -> None:
        assert load(None, {}) == Config()

    def test_an_empty_file_changes_nothing_but_where_the_database_is(self, write: Write) -> None:
        path = write("")
        loaded = load(path, {})
        assert loaded.polling == Config().polling
        assert loaded.database == path.parent / "pledgewatch.db"

    def test_settings_are_read_in_their_units(self, write: Write) -> None:
        loaded = load(
            write(
                '[polling]\ninterval = "90s"\nmin_interval = "30s"\nmax_interval = "2h"\n'
                '[network]\nmax_body = "512KiB"\nallow_private = ["127.0.0.0/8", "fd00::/8"]\n'
                '[storage]\nkeep = "30d"\n[discord]\norganizer_roles = ["Organizers"]\n'
            ),
            {},
        )
        assert loaded.polling.interval == timedelta(seconds=90)
        assert loaded.polling.max_interval == timedelta(hours=2)
        assert loaded.network.max_body.count == 512 * 1024
        assert loaded.network.allow_private == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
        assert loaded.storage.keep == timedelta(days=30)
        assert loaded.discord.organizer_roles == ("Organizers",)

    def test_a_relative_database_stands_beside_the_file_wherever_one_starts(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write('[storage]\nurl = "sqlite:///data/kept.db"\n')
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert load(path, {}).database == tmp_path / "data" / "kept.db"
        monkeypatch.chdir(tmp_path)
        assert load(Path("config.toml"), {}).database == tmp_path / "data" / "kept.db"

    def test_an_absolute_database_stays_where_it_is(self, write: Write) -> None:
        path = write('[storage]\nurl = "sqlite:////var/lib/pledges.db"\n')
        assert load(path, {}).database == Path("/var/lib/pledges.db")

    @pytest.mark.parametrize(
        ("text", "discord", "slack"),
        [
            ("", False, False),
            ('[discord]\ntoken = "t"\n[slack]\nbot_token = "t"\n', True, True),
            ("[discord]\nenabled = true\n", True, False),
            ('[discord]\ntoken = "t"\nenabled = false\n', False, False),
            ("[slack]\nenabled = true\n", False, True),
        ],
    )
    def test_a_chat_is_on_when_it_has_a_token_or_is_said_to_be(
        self, text: str, write: Write, *, discord: bool, slack: bool
    ) -> None:
        loaded = load(write(text), {})
        assert (loaded.discord_on, loaded.slack_on) == (discord, slack)


class TestFaults:
    def test_every_fault_is_named_at_once_by_its_dotted_key(self, write: Write) -> None:
        path = write(
            """
            colour = "red"
            [discord]
            enabled = "yes"
            token = 5
            tokn = "abc"
            [slack]
            mode = "carrier pigeon"
            listen = "somewhere"
            command_prefix = "PW "
            [polling]
            interval = "soon"
            [network]
            allow_private = ["10.0.0.1/8", "home"]
            timeout = "10m"
            max_body = "5MB"
            [starter]
            feeds = ["news.example/feed"]
            [storage]
            url = "postgresql://localhost"
            keep = "1h"
            [log]
            level = "loud"
            [web]
            public_url = "pledges.example.org"
            """
        )
        assert [line.partition(":")[0] for line in sorted(faults(path))] == [
            "colour",
            "discord.enabled",
            "discord.token",
            "discord.tokn",
            "log.level",
            "network.allow_private[0]",
            "network.allow_private[1]",
            "network.max_body",
            "network.timeout",
            "polling.interval",
            "slack.command_prefix",
            "slack.listen",
            "slack.mode",
            "starter.feeds[0]",
            "storage.keep",
            "storage.url",
            "web.public_url",
        ]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('[polling]\ninterval = "soon"', "polling.interval: expected a time such as 30s, 15m, 6h or 180d, not 'soon'"),
            ('[polling]\nmin_interval = "1h"', "polling.interval: expected min_interval ≤ interval ≤ max_interval"),
            ('[polling]\nmin_interval = "0s"', "polling.interval: expected min_interval ≤ interval ≤ max_interval"),
            ('[network]\nmax_body = "0KiB"', "network.max_body: expected a size such as 512KiB or 5MiB, not '0KiB'"),
            ('[network]\ntimeout = "0s"', "network.timeout: expected between 1s and 5m"),
            ('[storage]\nurl = "sqlite:///"', "storage.url: expected sqlite:/// and a file, such as sqlite:///pledgewatch.db"),
            ('[slack]\nmode = "http2"', "slack.mode: expected one of socket, http, not 'http2'"),
            ('[slack]\nlisten = "127.0.0.1:99999"', "slack.listen: expected an address and a port such as 127.0.0.1:8080, not '127.0.0.1:99999'"),
            ('[slack]\napi_base = "ftp://slack"', "slack.api_base: expected an address such as https://example.org, not 'ftp://slack'"),
            ('[sources.openstates]\nbase_url = "here"', "sources.openstates.base_url: expected an address such as https://example.org, not 'here'"),
            ('discord = "on"', "discord: expected a table or a list, not what stands there"),
            ("[sources]\nopenstates = 5", "sources.openstates: expected a table or a list, not what stands there"),
            ("[sources.nebraska]\nkey = 1", "sources.nebraska: no such key"),
            ("[discord]\norganizer_roles = 5", "discord.organizer_roles: expected a list, not 5"),
        ],
    )  # fmt: skip
    def test_a_fault_says_what_was_expected(self, text: str, fault: str, write: Write) -> None:
        assert faults(write(text)) == [fault]

    def test_a_misshapen_time_does_not_bring_a_second_fault_with_it(self, write: Write) -> None:
        path = write('[polling]\ninterval = "soon"\nmin_interval = "1h"\n')
        assert len(faults(path)) == 1

    def test_a_file_that_is_not_there_or_no_toml_is_named(self, tmp_path: Path) -> None:
        assert faults(tmp_path / "none.toml") == ["there is no such file"]
        (tmp_path / "broken.toml").write_text("[discord\n")
        assert "line 1" in faults(tmp_path / "broken.toml")[0]
        (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
        assert len(faults(tmp_path / "bytes.toml")) == 1

    def test_the_message_lists_them_below_the_files_name(self, write: Write) -> None:
        path = write('[log]\nlevel = "loud"\nformat = "xml"\n')
        with pytest.raises(ConfigError) as raised:
            load(path, {})
        assert str(raised.value) == (
            f"{path} cannot be used:\n"
            "  log.level: expected one of debug, info, warning, error, not 'loud'\n"
            "  log.format: expected one of text, json, not 'xml'"
        )


class TestSecrets:
    @pytest.mark.parametrize("variable", ENVIRONMENT)
    def test_each_comes_from_its_environment_variable(self, variable: str) -> None:
        loaded = load(None, {variable: "s3cret"})
        assert value(loaded, ENVIRONMENT[variable]) == Secret("s3cret")

    @pytest.mark.parametrize("key", config.secrets())
    def test_each_comes_from_a_file_beside_the_settings(
        self, key: str, write: Write, tmp_path: Path
    ) -> None:
        (tmp_path / "secret.txt").write_text("  s3cret\n")
        table, _, name = key.rpartition(".")
        path = write((f"[{table}]\n" if table else "") + f'{name}_file = "secret.txt"\n')
        assert value(load(path, {}), key) == Secret("s3cret")

    def test_the_environment_goes_before_files(self, write: Write, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("from file")
        path = write('[discord]\ntoken_file = "token"\n')
        assert load(path, {"PLEDGEWATCH_DISCORD_TOKEN": "given"}).discord.token.value == "given"

    def test_a_file_that_cannot_be_read_is_named(self, write: Write, tmp_path: Path) -> None:
        (tmp_path / "bytes").write_bytes(b"\xff")
        path = write('[discord]\ntoken_file = "gone"\n[slack]\nbot_token_file = "bytes"\n')
        assert faults(path) == [
            "discord.token_file: gone cannot be read: No such file or directory",
            "slack.bot_token_file: bytes cannot be read: it is no text",
        ]

    def test_secrets_in_a_file_that_others_can_read_are_refused_with_the_fix(
        self, write: Write
    ) -> None:
        path = write('secret_key = "k"\n[discord]\ntoken = "t"\n[sources.legistar]\nkey = "k"\n')
        path.chmod(0o640)
        refused = faults(path)
        assert [line.partition(":")[0] for line in refused] == [
            "discord.token",
            "sources.legistar.key",
            "secret_key",
        ]
        assert all(line.endswith(f"run: chmod 600 {path}") for line in refused)
        path.chmod(0o600)
        assert load(path, {}).discord.token

    def test_a_file_without_secrets_may_be_read_by_all(self, write: Write) -> None:
        path = write('[discord]\ntoken_file = ""\n[log]\nlevel = "debug"\n')
        path.chmod(0o644)
        assert load(path, {}).log.level == "debug"

    def test_they_show_themselves_nowhere(self, write: Write) -> None:
        everything = dict.fromkeys(ENVIRONMENT, "s3cret")
        loaded = load(write(""), everything)
        assert "s3cret" not in repr(loaded) + str(loaded) + f"{loaded.discord.token}"
        path = write('[discord]\ntoken = ["s3cret"]\ntokn = "s3cret"\n[slack]\nmode = "x"\n')
        assert "s3cret" not in "\n".join(faults(path, everything))

    def test_what_an_enabled_chat_lacks_is_named_with_where_to_put_it(self, write: Write) -> None:
        loaded = load(write("[discord]\nenabled = true\n[slack]\nenabled = true\n"), {})
        assert missing_tokens(loaded) == [
            "discord.token: missing; set PLEDGEWATCH_DISCORD_TOKEN in the environment or discord.token_file",
            "slack.bot_token: missing; set PLEDGEWATCH_SLACK_BOT_TOKEN in the environment or slack.bot_token_file",
            "slack.app_token: missing; set PLEDGEWATCH_SLACK_APP_TOKEN in the environment or slack.app_token_file",
        ]
        http = load(write('[slack]\nbot_token = "t"\nmode = "http"\n'), {})
        assert [line.partition(":")[0] for line in missing_tokens(http)] == ["slack.signing_secret"]
        assert missing_tokens(Config()) == []


def value(loaded: object, key: str) -> object:
    for part in key.split("."):
        loaded = getattr(loaded, part)
    return loaded


JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def as_toml(thing: Any) -> str:
    if isinstance(thing, bool):
        return str(thing).lower()
    if isinstance(thing, dict):
        return "{" + ", ".join(f"{key} = {as_toml(one)}" for key, one in thing.items()) + "}"
    if isinstance(thing, list):
        return "[" + ", ".join(map(as_toml, thing)) + "]"
    if isinstance(thing, str):
        return '"' + "".join(f"\\U{ord(char):08x}" for char in thing) + '"'
    return str(thing)


@given(st.dictionaries(st.sampled_from([one.name for one in fields(Config)] + ["x"]), JSON))
def test_any_settings_are_read_or_refused_with_reasons(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text("\n".join(f"{key} = {as_toml(one)}" for key, one in data.items()), "utf-8")
    path.chmod(0o600)
    environment = dict.fromkeys(ENVIRONMENT, "x")
    told = ["read"]
    try:
        load(path, environment)
    except ConfigError as refused:
        told = refused.faults
    assert told


class TestExample:
    TEXT = EXAMPLE.read_text("utf-8")

    def settings(self) -> dict[str, tuple[str, bool]]:
        """Each dotted key in the example: its value as written, and whether it is active."""
        found: dict[str, tuple[str, bool]] = {}
        table = ""
        for line in self.TEXT.splitlines():
            if named := re.fullmatch(r"\[([a-z._]+)\]", line):
                table = f"{named[1]}."
            elif setting := re.fullmatch(r"(# )?([a-z_]+) = (.+)", line):
                key = f"{table}{setting[2]}"
                assert key not in found, f"{key} is there twice"
                found[key] = (setting[3], setting[1] is None)
        return found

    def test_it_has_every_key_of_the_code_and_no_other(self) -> None:
        assert set(self.settings()) == set(config.keys())

    def test_every_key_has_a_comment_above_it(self) -> None:
        lines = self.TEXT.splitlines()
        for number, line in enumerate(lines):
            if re.fullmatch(r"(# )?[a-z_]+ = .+", line):
                above = lines[number - 1]
                assert above.startswith("# "), line

    def test_it_loads_without_faults_even_where_all_can_read_it(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_text(self.TEXT, "utf-8")
        path.chmod(0o644)
        load(path, {})

    def test_what_is_active_is_the_default_but_for_the_starter_feeds(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_text(self.TEXT, "utf-8")
        loaded, plain = load(path, {}), Config()
        for key in set(config.keys()) - {"starter.feeds", "storage.url"}:
            assert value(loaded, key) == value(plain, key), key
        assert loaded.database == tmp_path / plain.database

    def test_all_of_it_can_be_switched_on(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_text(re.sub(r"(?m)^# (?=[a-z_]+ = )", "", self.TEXT), "utf-8")
        path.chmod(0o600)
        for key in config.secrets():
            name = self.settings()[f"{key}_file"][0].strip('"')
            (tmp_path / name).write_text("s3cret")
        loaded = load(path, {})
        assert loaded.discord_on
        assert loaded.slack_on
        assert all(value(loaded, key) == Secret("s3cret") for key in config.secrets())
        assert missing_tokens(loaded) == []

    def test_every_environment_variable_is_explained_beside_its_secret(self) -> None:
        for variable, key in ENVIRONMENT.items():
            name = key.rpartition(".")[2]
            beside = rf"Environment: {variable}\n# {name} = "
            assert re.search(beside, self.TEXT), variable

    def test_each_starter_feed_says_where_it_was_seen(self) -> None:
        feeds = tomllib.loads(self.TEXT)["starter"]["feeds"]
        assert len(feeds) >= 5
        for url in feeds:
            assert re.search(rf'    "{re.escape(url)}",  # .*\bin\b', self.TEXT), url
