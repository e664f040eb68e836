"""What the double refuses of blocks, views and manifests, and that it names the place."""

import copy
from typing import Any

import pytest

from tests.doubles.slack import Channel, InvalidManifest, Message, User
from tests.doubles.slack.blocks import check_message_blocks, check_view
from tests.doubles.slack.forms import entry, objections
from tests.doubles.slack.manifest import read_manifest
from tests.doubles.slack.mrkdwn import read
from tests.doubles.slack.records import Content
from tests.doubles.slack.samples import (
    MANIFEST,
    MENU,
    TYPED,
    Json,
    actions,
    button,
    field,
    http_manifest,
    menu,
    modal,
    option,
    plain,
    rich,
    section,
)

CONFIRM = {"title": plain("Sure?"), "text": plain("Really?")}
PICTURE = {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a"}
GOOD: list[Json] = [
    section("x" * 3000),
    {"type": "section", "fields": [plain("x" * 2000)] * 10},
    {**section("a"), "accessory": button("b", "b", confirm=CONFIRM)},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [*[plain("x")] * 9, PICTURE]},
    {**PICTURE, "title": plain("A picture")},
    actions(*[button("x" * 75, str(n), value="v" * 2000) for n in range(25)]),
    menu(*[option(str(n), str(n)) for n in range(100)], placeholder=plain("Choose")),
    menu(option(), initial_option=option()),
    rich({"type": "text", "text": "<!channel>", "style": {"bold": True}}),
    rich({"type": "link", "url": "https://example.org"}, {"type": "emoji", "name": "tada"}),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": []}],
            }
        ],
    },
    actions({"type": "overflow", "action_id": "o", "options": [option()]}),
    actions(
        {"type": "static_select", "option_groups": [{"label": plain("g"), "options": [option()]}]}
    ),
    {"type": "markdown", "text": "**hi**"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]},
]
BAD: list[tuple[Json, str]] = [
    (section(""), "/blocks/0/text/text"),
    ({"type": "section"}, "/blocks/0"),
    ({"type": "section", "fields": [plain("x")] * 11}, "/blocks/0/fields"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "/blocks/0/fields/0/text"),
    ({**section("a"), "color": "red"}, "/blocks/0"),
    ({**section("a"), "block_id": "x" * 256}, "/blocks/0/block_id"),
    ({"type": "section", "text": {"type": "html", "text": "a"}}, "/blocks/0/text/type"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
    ({"type": "header", "text": section("a")["text"]}, "/blocks/0/text/type"),
    ({"type": "context", "elements": [plain("x")] * 11}, "/blocks/0/elements"),
    (actions(*[button("x", str(n)) for n in range(26)]), "/blocks/0/elements"),
    (actions(button("x" * 76, "a")), "/blocks/0/elements/0/text/text"),
    (actions(button("x", "a", value="v" * 2001)), "/blocks/0/elements/0/value"),
    (actions(button("x", "a" * 256)), "/blocks/0/elements/0/action_id"),
    (actions(button("x", "a"), button("y", "a")), "/blocks/0"),
    (actions(button("x", "a", url="https://x.org/" + "x" * 3000)), "/blocks/0/elements/0/url"),
    (actions(button("x", "a", url="javascript:alert(1)")), "/blocks/0/elements/0/url"),
    (actions(button("x", "a", style="loud")), "/blocks/0/elements/0/style"),
    (actions(button("x", "a", confirm={})), "/blocks/0/elements/0/confirm"),
    (actions({"type": "dial"}), "/blocks/0/elements/0/type"),
    (menu(), "/blocks/0/elements/0/options"),
    (menu(*[option()] * 101), "/blocks/0/elements/0/options"),
    (menu(option("x" * 76)), "/blocks/0/elements/0/options/0/text/text"),
    (menu(option("x", "v" * 151)), "/blocks/0/elements/0/options/0/value"),
    (menu(option(), initial_option=option("b")), "/blocks/0/elements/0"),
    ({"type": "image", "image_url": "https://example.org/a.png"}, "/blocks/0"),
    ({**PICTURE, "image_url": "http://127.0.0.1/a.png"}, "/blocks/0/image_url"),
    (
        {"type": "image", "slack_file": {"id": "F01ABCDEF"}, "alt_text": "a"},
        "/blocks/0/slack_file",
    ),
    (rich({"type": "text", "text": ""}), "/blocks/0/elements/0/elements/0/text"),
    (rich({"type": "shout", "text": "a"}), "/blocks/0/elements/0/elements/0/type"),
    ({"type": "rich_text", "elements": [{"type": "text"}]}, "/blocks/0/elements/0/type"),
    (rich({"type": "broadcast", "range": "all"}), "/blocks/0/elements/0/elements/0/range"),
    (rich({"type": "text", "text": "a", "style": "b"}), "/blocks/0/elements/0/elements/0/style"),
    ({"type": "rich_text", "elements": [{"type": "rich_text_list"}]}, "/blocks/0/elements/0"),
    (actions({**MENU, "min_query_length": -1}), "/blocks/0/elements/0/min_query_length"),
    (
        actions({**MENU, "type": "overflow", "options": [option()] * 6}),
        "/blocks/0/elements/0/options",
    ),
    ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}, "/blocks/0/rows/0"),
    ({"type": "table", "rows": [[{"type": "cell"}]]}, "/blocks/0/rows/0/0/type"),
    ({"type": "header", "text": "plain"}, "/blocks/0/text"),
    ({"type": "context", "elements": "plain"}, "/blocks/0/elements"),
    ({"type": "divider", "block_id": 7}, "/blocks/0/block_id"),
    (field("f", TYPED), "/blocks/0/type"),
    ({"type": "hologram"}, "/blocks/0/type"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_good_blocks_are_taken(block: Json) -> None:
    assert check_message_blocks([block]) == []


@pytest.mark.parametrize(("block", "pointer"), BAD)
def test_bad_blocks_are_refused_where_they_are_bad(block: Json, pointer: str) -> None:
    assert f"[json-pointer:{pointer}]" in " ".join(check_message_blocks([block]))


def test_blocks_are_counted_and_their_ids_unique() -> None:
    assert check_message_blocks([{"type": "divider"}] * 50) == []
    assert check_message_blocks([{"type": "divider"}] * 51)
    assert check_message_blocks([{"type": "divider", "block_id": "a"}] * 2)


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(close=plain("x" * 25)), "/view/close/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(*[{"type": "divider"}] * 101), "/view/blocks"),
        (modal(field("f", TYPED), submit=None), "/view"),
        (modal(field("f", {"type": "button"})), "/view/blocks/0/element/type"),
        (modal(sticky=True), "/view"),
        ({"type": "home", "title": plain("x"), "blocks": []}, "/view"),
        ({"type": "sheet"}, "/view/type"),
    ],
)
def test_bad_views_are_refused(view: Json, pointer: str) -> None:
    assert f"[json-pointer:{pointer}]" in " ".join(check_view(view))


def test_a_form_with_every_kind_of_input_is_taken() -> None:
    listed = {"options": [option()]}
    inputs: list[Json] = [
        TYPED,
        MENU,
        {"type": "multi_external_select", "max_selected_items": 3},
        {"type": "static_select", **listed},
        {"type": "checkboxes", **listed},
        {"type": "radio_buttons", **listed},
        {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"},
        *({"type": kind} for kind in ("users_select", "multi_channels_select", "datepicker")),
        *({"type": kind} for kind in ("timepicker", "email_text_input", "rich_text_input")),
    ]
    view = modal(*(field(str(n), element) for n, element in enumerate(inputs)))
    assert check_view(view) == []


def test_only_one_input_may_take_the_focus() -> None:
    focused = {**TYPED, "focus_on_load": True}
    assert check_view(modal(field("a", focused), field("b", TYPED))) == []
    assert check_view(modal(field("a", focused), field("b", focused)))


@pytest.mark.parametrize(
    ("element", "value", "objection"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab", "at least 3"),
        ({"type": "email_text_input"}, "nobody", "valid email"),
        ({"type": "email_text_input"}, "ana@example.org", ""),
        ({"type": "url_text_input"}, "nowhere", "valid URL"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "a number"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1.5", "least 2"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5", "most 1"),
        ({"type": "multi_users_select", "max_selected_items": 1}, ["U1", "U2"], "1 items"),
        ({"type": "checkboxes", "options": [option()]}, [], "required"),
        ({"type": "checkboxes", "options": [option()]}, ["a"], ""),
    ],
)
def test_the_client_objects_to_bad_values(element: Json, value: object, objection: str) -> None:
    state = entry(element, value, [])
    said = objections(field("f", element), element, state)
    assert objection in said
    assert bool(objection) == bool(said)


def test_people_and_channels_are_entered_by_id_and_forged_values_as_they_are() -> None:
    assert entry({"type": "users_select"}, User("U1", "ana"), [])["selected_user"] == "U1"
    state = entry({"type": "multi_channels_select"}, [Channel("C1", "general")], [])
    assert state["selected_channels"] == ["C1"]
    forged = option("Forged", "forged")
    assert entry(MENU, forged, [])["selected_option"] is forged


def test_reading_shows_labels_names_and_entities() -> None:
    assert read("<https://a.org|A &amp; B> &lt;b&gt; <@U1|ana> <#C1|general> <!here>") == (
        "A & B <b> @ana #general @here"
    )
    assert (
        read("<!date^1591000000^{date}|1 June> <https://a.org> <b>") == "1 June https://a.org <b>"
    )
    message = Message(
        ts="1",
        channel=Channel("C1", "general"),
        author="U1",
        content=Content(text="x", attachments=[{"text": "<!here>", "fields": [{"value": "v"}]}]),
        via="chat.postMessage",
    )
    assert message.shown == "@here\nv"
    assert message.pings == ["<!here>"]


def test_both_manifests_are_taken() -> None:
    assert read_manifest(MANIFEST).socket_mode
    assert not read_manifest(http_manifest()).socket_mode


def command(**more: Any) -> Json:
    return {"command": "/ok", "description": "Fine.", **more}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("display_information/name", "x" * 36, "/display_information/name"),
        ("display_information/name", None, "/display_information/name"),
        ("display_information/description", "x" * 141, "/display_information/description"),
        ("display_information/long_description", "short", "long_description"),
        ("display_information/background_color", "blue", "background_color"),
        ("features/bot_user/display_name", "x" * 81, "display_name"),
        ("features/bot_user", {}, "/features/bot_user"),
        ("features/slash_commands", [command(command=f"/c{n}") for n in range(51)], "no more"),
        ("features/slash_commands", [command(command="/Pledge")], "/command"),
        ("features/slash_commands", [command(command="/" + "x" * 32)], "/command"),
        ("features/slash_commands", [command(command="/remind")], "Slack's own"),
        ("features/slash_commands", [command(), command()], "twice"),
        ("features/slash_commands", [command(description="")], "/description"),
        ("features/slash_commands", [command(description="x" * 2001)], "/description"),
        ("features/slash_commands", [command(usage_hint="x" * 1001)], "/usage_hint"),
        ("features/slash_commands", [command(options=[])], "unknown property options"),
        ("features/shortcuts", [{"name": "x" * 25, "type": "global"}], "/features/shortcuts/0/name"),
        ("oauth_config/scopes/bot", ["chat:shout"], "unknown scope chat:shout"),
        ("oauth_config/scopes/bot", ["chat:write"], "need the scope commands"),
        ("settings/event_subscriptions/bot_events", ["app_mention"], "app_mentions:read"),
        ("settings/event_subscriptions/bot_events", ["full_moon"], "unknown event"),
        ("settings/socket_mode_enabled", False, "https address is required"),
        ("settings/socket_mode_enabled", "yes", "must be true or false"),
        ("settings/mood", "good", "unknown property mood"),
    ],
)  # fmt: skip
def test_bad_manifests_are_refused(path: str, value: object, said: str) -> None:
    manifest = copy.deepcopy(MANIFEST)
    *above, last = path.split("/")
    node = manifest
    for name in above:
        node = node[name]
    node[last] = value
    with pytest.raises(InvalidManifest, match=said):
        read_manifest(manifest)
