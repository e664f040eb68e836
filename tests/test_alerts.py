"""What an alert says a story may bear on: a question put to the reader, never a verdict."""

from datetime import UTC, date, datetime

import pytest

from bot.alerts import alert_card
from bot.records import shipped_record
from domain.cards import AlertKind, plain
from domain.model import Outlet, StoryView, WatchKind, WatchMatch

RECORD = shipped_record()
TODAY = date(2026, 11, 22)


def story(title: str, *companies: str, summary: str = "") -> StoryView:
    named = {one.key: one.name for one in RECORD.companies}
    return StoryView(
        story_id=7,
        title=title,
        url="https://paper.example/7",
        summary=summary,
        published_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        outlets=(Outlet(source_id=1, name="Paper", url="https://paper.example/7", title=title),),
        matches=tuple(
            WatchMatch(kind=WatchKind.COMPANY, key=key, label=named[key], words=())
            for key in companies
        ),
    )


def test_words_of_the_pledge_make_it_bear_and_it_can_be_filed() -> None:
    card = alert_card(story("Amazon sells Rekognition to a sheriff", "amazon"), RECORD, TODAY)
    assert card.kind is AlertKind.PLEDGE
    assert card.mark == "May bear on a pledge"
    assert plain(card.background[0]).startswith("Amazon’s pledge (10 June 2020): No police use")
    buttons = {one.label: (one.command, dict(one.arguments)) for one in card.actions}
    assert buttons["File as evidence"] == (
        "pledge evidence",
        {"company": "amazon", "story": "7"},
    )


@pytest.mark.parametrize(
    ("title", "company", "on"),
    [
        ("Amazon shows a biometric turnstile for gyms", "amazon", TODAY),  # no word of the subject
        ("NEC sells face recognition to police", "nec", TODAY),  # no pledge
        ("Amazon sells Rekognition to a sheriff", "amazon", date(2020, 6, 9)),  # not made yet
    ],
)
def test_without_words_or_a_pledge_in_force_it_is_news(title: str, company: str, on: date) -> None:
    card = alert_card(story(title, company), RECORD, on)
    assert card.kind is AlertKind.NEWS
    assert card.background == ()
    assert "File as evidence" not in {one.label for one in card.actions}


def test_words_of_the_summary_count_too_and_whole_words_alone() -> None:
    told = story("Microsoft and the city", "microsoft", summary="Police buy Azure Face.")
    assert alert_card(told, RECORD, TODAY).kind is AlertKind.PLEDGE
    told = story("Microsoft and the city", "microsoft", summary="Policemen’s ball; iced tea.")
    assert alert_card(told, RECORD, TODAY).kind is AlertKind.NEWS


def test_two_companies_have_their_own_pledge_and_their_own_buttons() -> None:
    told = story("IBM and Microsoft on police face recognition", "ibm", "microsoft")
    card = alert_card(told, RECORD, TODAY)
    labels = [one.label for one in card.actions]
    assert {"IBM’s pledge", "Microsoft’s pledge"} <= set(labels)
    assert {"Evidence on IBM", "Evidence on Microsoft"} <= set(labels)
    assert len(card.background) == 2
