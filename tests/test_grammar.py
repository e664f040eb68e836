import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commands.all import make_registry
from commands.grammar import parse
from commands.registry import Command, Registry
from domain.cards import Action
from domain.errors import UserError

REGISTRY = make_registry()


def read(line: str) -> tuple[str, dict[str, str]]:
    command, given_options = parse(line, REGISTRY)
    return command.path, given_options


def refusal(line: str) -> UserError:
    with pytest.raises(UserError) as raised:
        parse(line, REGISTRY)
    return raised.value


@pytest.mark.parametrize(
    ("line", "path", "options"),
    [
        ("/pledge show amazon", "pledge show", {"company": "amazon"}),
        ("pledge show amazon", "pledge show", {"company": "amazon"}),
        ("  /PLEDGE Show  amazon ", "pledge show", {"company": "amazon"}),
        ("/pledge show Rite Aid", "pledge show", {"company": "Rite Aid"}),
        ("/pledge show Rite Aid on:2021-03-01", "pledge show", {"company": "Rite Aid", "on": "2021-03-01"}),
        ("/pledge show amazon covers:ICE on:2021-03-01", "pledge show", {"company": "amazon", "covers": "ICE", "on": "2021-03-01"}),
        ("/pledge show on:2021-03-01 company:amazon", "pledge show", {"company": "amazon", "on": "2021-03-01"}),
        ("/pledge show company:amazon", "pledge show", {"company": "amazon"}),
        ("/pledge show COMPANY:amazon", "pledge show", {"company": "amazon"}),
        ("/pledge show amazon covers:the border patrol", "pledge show", {"company": "amazon", "covers": "the border patrol"}),
        ('/pledge show "Rite Aid"', "pledge show", {"company": "Rite Aid"}),
        ('/pledge show "Rite Aid" covers:"border patrol"', "pledge show", {"company": "Rite Aid", "covers": "border patrol"}),
        ("/pledge show “Rite Aid” covers:“ICE”", "pledge show", {"company": "Rite Aid", "covers": "ICE"}),
        ("/pledge show Macy’s", "pledge show", {"company": "Macy's"}),
        ("/feed add https://news.example/feed", "feed add", {"url": "https://news.example/feed"}),
        ("/feed add <https://news.example/feed|news>", "feed add", {"url": "<https://news.example/feed|news>"}),
        ("/feed add https://news.example/?url:1", "feed add", {"url": "https://news.example/?url:1"}),
        ("/feed list", "feed list", {}),
        ("/feed list 2", "feed list", {"page": "2"}),
        ("/subscribe here all cadence:daily", "subscribe here", {"what": "all", "cadence": "daily"}),
        ("/subscribe here cadence:daily", "subscribe here", {"cadence": "daily"}),
        ("/company track Foo aliases:Bar, Baz context:police, faces", "company track", {"name": "Foo", "aliases": "Bar, Baz", "context": "police, faces"}),
        ("/company track Foo aliases:", "company track", {"name": "Foo", "aliases": ""}),
        ("/company track Foo nonsense:x", "company track", {"name": "Foo nonsense:x"}),
        ("/pledgewatch feed add https://news.example/feed", "feed add", {"url": "https://news.example/feed"}),
        ("/pledgewatch pledge show amazon on:2021-03-01", "pledge show", {"company": "amazon", "on": "2021-03-01"}),
        ("/pledgewatch status", "pledgewatch status", {}),
        ("/pledgewatch pledgewatch status", "pledgewatch status", {}),
    ],
)  # fmt: skip
def test_a_line_is_read(line: str, path: str, options: dict[str, str]) -> None:
    assert read(line) == (path, options)


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ('/watch add "face recognition"', '"face recognition"'),
        ('/watch add "face recognition" AND (police OR sheriff)', '"face recognition" AND (police OR sheriff)'),
        ("/watch add “face recognition”", '"face recognition"'),
        ('/watch add topic:"face recognition"', '"face recognition"'),
        ('/watch add "hot topic: faces"', '"hot topic: faces"'),
    ],
)  # fmt: skip
def test_a_topic_keeps_the_quotation_marks_that_mean_something(line: str, topic: str) -> None:
    assert read(line) == ("watch add", {"topic": topic})


def test_what_stands_in_quotation_marks_is_no_option() -> None:
    line = '/company track Foo aliases:"the context: police one" context:faces'
    assert read(line)[1] == {
        "name": "Foo",
        "aliases": "the context: police one",
        "context": "faces",
    }


def test_one_quotation_mark_alone_marks_nothing() -> None:
    assert read('/pledge show 5" on:2021-03-01')[1] == {"company": '5"', "on": "2021-03-01"}


def test_the_first_options_own_name_may_stand_inside_it() -> None:
    assert read("/watch test Read this text: faces")[1] == {"text": "Read this text: faces"}


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("", ""),
        ("/", ""),
        ("/help", ""),
        ("/help feed", "feed"),
        ("/help feed add", "feed add"),
        ("/pledgewatch", ""),
        ("/pledgewatch help", ""),
        ("/pledgewatch help feed add", "feed add"),
        ("/feed", "feed"),
        ("/feed help", "feed"),
        ("/feed help add", "feed add"),
        ("/pledgewatch feed", "feed"),
    ],
)
def test_a_noun_alone_asks_for_help(line: str, asked: str) -> None:
    assert read(line) == ("pledgewatch help", {"command": asked} if asked else {})


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("/pldge show amazon", "/pledge show amazon"),
        ("/pledge shwo amazon", "/pledge show amazon"),
        ("/feeds add https://news.example", "/feed add https://news.example"),
        ("/feed ad https://news.example", "/feed add https://news.example"),
        ("/subscribe her all", "/subscribe here all"),
        ("/pledgewatch statuz", "/pledgewatch status"),
    ],
)
def test_a_near_miss_is_offered_with_what_came_after(line: str, typed: str) -> None:
    error = refusal(line)
    assert error.message.startswith("There is no command “/")
    assert typed in [choice.typed for choice in error.choices]


def test_a_company_right_after_the_noun_is_offered_to_be_shown() -> None:
    (first, *_) = refusal("/pledge rite aid").choices
    assert first.typed == "/pledge show rite aid"
    assert first.label == "/pledge show rite aid"


def test_nothing_near_is_said_plainly() -> None:
    error = refusal("/xyzzy")
    assert str(error) == "There is no command “/xyzzy”. /pledgewatch help lists them all."
    assert error.choices == ()


def test_a_line_has_an_end() -> None:
    assert refusal("/pledge show " + "x" * 4000).message == "That is longer than 4000 characters."


WORDS = st.sampled_from(
    ["/", "pledge", "show", "watch", "add", "feed", "pledgewatch", "help", "company:", "on:", "topic:", '"', "“", "”", " ", "x", "https:", "\ud800", "\n"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=60))
@example("pledgewatch " * 300)
@example("/pledge show on: on: on:")
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        command, options = parse(line, REGISTRY)
    except UserError:
        return
    assert REGISTRY.find(command.path) is command
    assert all(name == "" or command.option(name) for name in options)


@given(st.sampled_from([each for each in REGISTRY.commands if each.options]), st.data())
def test_what_a_button_says_to_type_is_what_it_does(command: Command, data: st.DataObject) -> None:
    values = st.text("ab c:/.,-", min_size=1, max_size=9).map(str.strip).filter(bool)
    options = tuple((option.name, data.draw(values)) for option in command.options[:2])
    action = Action(label="", command=command.path, arguments=options)
    assert parse(action.typed, REGISTRY) == (command, dict(options))


def test_everything_works_behind_pledgewatch_too(registry: Registry) -> None:
    for command in registry.commands:
        assert parse(f"/pledgewatch {command.path}", registry)[0] is command
