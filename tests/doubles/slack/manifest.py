"""App manifests, checked about as Slack checks them when an app is made from one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.doubles.slack.errors import InvalidManifest, Json

COMMAND = re.compile(r"^/[a-z0-9_-]{1,31}$")
COLOR = re.compile(r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
MOST_COMMANDS = 50
MOST_SHORTCUTS = 10
# Slack's own commands, which an app cannot have.
_TAKEN = """/active /apps /archive /away /call /collapse /dm /dnd /expand /feedback /invite /join /kick
    /leave /me /msg /mute /open /part /prefs /remind /remove /rename /search /shortcuts /shrug
    /star /status /topic /who"""
TAKEN = frozenset(_TAKEN.split())
_BOT_SCOPES = """app_mentions:read bookmarks:read bookmarks:write calls:read calls:write channels:history
    channels:join channels:manage channels:read chat:write chat:write.customize chat:write.public
    commands conversations.connect:manage conversations.connect:read conversations.connect:write
    dnd:read emoji:read files:read files:write groups:history groups:read groups:write im:history
    im:read im:write incoming-webhook links.embed:write links:read links:write
    metadata.message:read mpim:history mpim:read mpim:write pins:read pins:write reactions:read
    reactions:write reminders:read reminders:write remote_files:read remote_files:share
    remote_files:write search:read.public team.preferences:read team:read triggers:read
    triggers:write usergroups:read usergroups:write users.profile:read users:read users:read.email
    users:write workflow.steps:execute assistant:write canvases:read canvases:write lists:read
    lists:write channels:write.invites channels:write.topic groups:write.invites
    groups:write.topic im:write.topic mpim:write.topic datastore:read datastore:write"""
BOT_SCOPES = frozenset(_BOT_SCOPES.split())
EVENT_SCOPES = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "tokens_revoked": "",
    "app_rate_limited": "",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "message.app_home": "",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
    "link_shared": "links:read",
    "file_shared": "files:read",
    "team_rename": "team:read",
}
SECTIONS = {
    "": ("_metadata", "display_information", "features", "oauth_config", "settings", "functions"),
    "display_information": ("name", "description", "long_description", "background_color"),
    "features": (
        "app_home",
        "assistant_view",
        "bot_user",
        "shortcuts",
        "slash_commands",
        "unfurl_domains",
    ),
    "features/app_home": (
        "home_tab_enabled",
        "messages_tab_enabled",
        "messages_tab_read_only_enabled",
    ),
    "features/bot_user": ("display_name", "always_online"),
    "oauth_config": ("scopes", "redirect_urls", "token_management_enabled", "pkce_enabled"),
    "oauth_config/scopes": ("bot", "user", "bot_optional", "user_optional"),
    "settings": (
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "function_runtime",
        "incoming_webhooks",
        "interactivity",
        "is_hosted",
        "org_deploy_enabled",
        "siws_links",
        "socket_mode_enabled",
        "token_rotation_enabled",
    ),
    "settings/interactivity": ("is_enabled", "request_url", "message_menu_options_url"),
    "settings/event_subscriptions": (
        "request_url",
        "bot_events",
        "user_events",
        "metadata_subscriptions",
    ),
}
COMMAND_FIELDS = ("command", "description", "url", "usage_hint", "should_escape")
SHORTCUT_FIELDS = ("name", "type", "callback_id", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an installed app declared; with none installed nothing is declared."""

    source: Json = field(default_factory=dict)

    @property
    def allows_sockets(self) -> bool:
        """Whether Socket Mode is on; also so long as no manifest is installed."""
        return not self.source or self.socket_mode

    @property
    def socket_mode(self) -> bool:
        """Whether the manifest turns Socket Mode on."""
        return self.at("settings").get("socket_mode_enabled") is True

    @property
    def interactivity(self) -> bool:
        """Whether buttons, menus, forms and shortcuts reach the app."""
        return self.at("settings/interactivity").get("is_enabled") is True

    @property
    def home_tab(self) -> bool:
        """Whether the app has a home tab."""
        return self.at("features/app_home").get("home_tab_enabled") is True

    @property
    def events(self) -> frozenset[str]:
        """The events the app subscribed to."""
        return frozenset(self.at("settings/event_subscriptions").get("bot_events", ()))

    @property
    def scopes(self) -> frozenset[str]:
        """The bot scopes the app asks for."""
        return frozenset(self.at("oauth_config/scopes").get("bot", ()))

    @property
    def commands(self) -> dict[str, Json]:
        """The slash commands by name."""
        return {command["command"]: command for command in self.at("features")["slash_commands"]}

    @property
    def shortcuts(self) -> dict[str, Json]:
        """The shortcuts by callback_id."""
        found = self.at("features").get("shortcuts", [])
        return {shortcut["callback_id"]: shortcut for shortcut in found}

    def at(self, path: str) -> Json:
        """A section by its path, empty when it is not there."""
        node = self.source
        for name in path.split("/"):
            inner = node.get(name)
            node = inner if isinstance(inner, dict) else {}
        return {"slash_commands": [], **node} if path == "features" else node


def read_manifest(source: Json) -> Manifest:
    """The manifest, or InvalidManifest with every fault in it."""
    manifest = Manifest(source=source)
    problems = [*_unknown(manifest), *_appearance(manifest), *_scopes(manifest), *_urls(manifest)]
    problems += _commands(manifest)
    problems += _shortcuts(manifest)
    problems += _events(manifest)
    if problems:
        raise InvalidManifest(problems)
    return manifest


def _unknown(manifest: Manifest) -> Iterable[str]:
    for path, known in SECTIONS.items():
        node = manifest.at(path) if path else manifest.source
        yield from (f"/{path}: unknown property {name}" for name in node if name not in known)


def _size(node: Json, key: str, at: str, most: int, *, least: int = 0) -> Iterable[str]:
    value = node.get(key)
    if value is None:
        if least:
            yield f"{at}/{key}: is required"
    elif not isinstance(value, str):
        yield f"{at}/{key}: must be a string"
    elif not least <= len(value) <= most:
        yield f"{at}/{key}: must have {least} to {most} characters, has {len(value)}"


def _flag(node: Json, key: str, at: str) -> Iterable[str]:
    if key in node and not isinstance(node[key], bool):
        yield f"{at}/{key}: must be true or false"


def _appearance(manifest: Manifest) -> Iterable[str]:
    shown = manifest.at("display_information")
    yield from _size(shown, "name", "/display_information", 35, least=1)
    yield from _size(shown, "description", "/display_information", 140)
    if "long_description" in shown:
        yield from _size(shown, "long_description", "/display_information", 4000, least=174)
    if "background_color" in shown and not COLOR.match(str(shown["background_color"])):
        yield "/display_information/background_color: must be a hex color"
    bot = manifest.at("features/bot_user")
    if bot:
        yield from _size(bot, "display_name", "/features/bot_user", 80, least=1)
        yield from _flag(bot, "always_online", "/features/bot_user")


def _scopes(manifest: Manifest) -> Iterable[str]:
    at = "/oauth_config/scopes/bot"
    listed = manifest.at("oauth_config/scopes").get("bot", [])
    if not isinstance(listed, list) or not all(isinstance(scope, str) for scope in listed):
        yield f"{at}: must be a list of scopes"
        return
    yield from (f"{at}: unknown scope {scope}" for scope in listed if scope not in BOT_SCOPES)
    if len(set(listed)) < len(listed):
        yield f"{at}: scopes must be unique"
    if listed and not manifest.at("features/bot_user"):
        yield "/features/bot_user: is required with bot scopes"
    if manifest.at("features")["slash_commands"] and "commands" not in listed:
        yield f"{at}: slash commands need the scope commands"


def _urls(manifest: Manifest) -> Iterable[str]:
    settings = manifest.at("settings")
    for name in ("socket_mode_enabled", "org_deploy_enabled", "token_rotation_enabled"):
        yield from _flag(settings, name, "/settings")
    yield from _flag(manifest.at("settings/interactivity"), "is_enabled", "/settings/interactivity")
    if manifest.socket_mode:
        return
    if manifest.interactivity:
        yield from _url(
            manifest.at("settings/interactivity"), "request_url", "/settings/interactivity"
        )
    if manifest.events:
        at = "/settings/event_subscriptions"
        yield from _url(manifest.at("settings/event_subscriptions"), "request_url", at)


def _url(node: Json, key: str, at: str) -> Iterable[str]:
    parts = urlsplit(str(node.get(key) or ""))
    local = parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.netloc or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        yield f"{at}/{key}: an https address is required without Socket Mode"


def _commands(manifest: Manifest) -> Iterable[str]:
    listed = manifest.at("features")["slash_commands"]
    if not isinstance(listed, list):
        yield "/features/slash_commands: must be a list"
        return
    if len(listed) > MOST_COMMANDS:
        yield f"/features/slash_commands: no more than {MOST_COMMANDS}, has {len(listed)}"
    names = [str(command.get("command")) for command in listed]
    for n, command in enumerate(listed):
        at = f"/features/slash_commands/{n}"
        yield from (f"{at}: unknown property {key}" for key in command if key not in COMMAND_FIELDS)
        yield from _command_name(names[n], names, at)
        yield from _size(command, "description", at, 2000, least=1)
        yield from _size(command, "usage_hint", at, 1000)
        yield from _flag(command, "should_escape", at)
        if not manifest.socket_mode:
            yield from _url(command, "url", at)


def _command_name(name: str, names: list[str], at: str) -> Iterable[str]:
    if not COMMAND.match(name):
        yield f"{at}/command: {name} is not /[a-z0-9_-] of at most 32 characters"
    if name in TAKEN:
        yield f"{at}/command: {name} is Slack's own"
    if names.count(name) > 1:
        yield f"{at}/command: {name} is there twice"


def _shortcuts(manifest: Manifest) -> Iterable[str]:
    listed = manifest.at("features").get("shortcuts", [])
    if len(listed) > MOST_SHORTCUTS:
        yield f"/features/shortcuts: no more than {MOST_SHORTCUTS}, has {len(listed)}"
    for n, shortcut in enumerate(listed):
        at = f"/features/shortcuts/{n}"
        yield from (
            f"{at}: unknown property {key}" for key in shortcut if key not in SHORTCUT_FIELDS
        )
        yield from _size(shortcut, "name", at, 24, least=1)
        yield from _size(shortcut, "callback_id", at, 255, least=1)
        yield from _size(shortcut, "description", at, 150, least=1)
        if shortcut.get("type") not in {"global", "message"}:
            yield f"{at}/type: must be global or message"


def _events(manifest: Manifest) -> Iterable[str]:
    at = "/settings/event_subscriptions/bot_events"
    for event in sorted(manifest.events):
        if event not in EVENT_SCOPES:
            yield f"{at}: unknown event {event}"
        elif EVENT_SCOPES[event] and EVENT_SCOPES[event] not in manifest.scopes:
            yield f"{at}: {event} needs the scope {EVENT_SCOPES[event]}"
