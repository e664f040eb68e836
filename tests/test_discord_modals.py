"""Forms as Discord’s modals, and what was typed into them."""

from bot.chats.discord_forms import KeptForms, make_modal, opening, typed_into
from domain.cards import (
    Form,
    Input,
)
from tests.doubles.discord.check_modals import check_modal

FORM = Form(
    title="Let this channel hear something, and say how soon",
    command="subscribe here",
    fields=(
        Input(name="what", label="A company, bill or topic, or all of what is watched here"),
        Input(name="cadence", label="How soon", choices=("now", "daily"), value="daily",
              required=False),
    ),
)  # fmt: skip


async def test_a_form_is_a_modal() -> None:
    fields, submits = opening(FORM)
    assert (submits.command, submits.arguments) == ("subscribe here", ())
    modal = make_modal(FORM, fields, "p1|x")
    check_modal(modal.to_dict())
    assert modal.title == "Let this channel hear something, and say…"
    what, cadence = modal.to_dict()["components"]
    assert what["label"] == "A company, bill or topic, or all of what is…"
    assert what["description"] == "A company, bill or topic, or all of what is watched here"
    assert cadence["component"]["options"][1] == {
        "label": "daily",
        "value": "daily",
        "default": True,
    }
    assert cadence["component"]["min_values"] == 0


async def test_fields_that_do_not_fit_go_along_as_they_are() -> None:
    many = Form(
        title="t",
        command="x y",
        fault="Not so.",
        fields=tuple(
            Input(name=f"f{n}", label=f"F{n}", value="v" if n == 3 else "", required=n == 6)
            for n in range(7)
        ),
    )
    fields, submits = opening(many)
    assert [one.name for one in fields] == ["f0", "f1", "f2", "f3", "f6"]
    assert submits.arguments == ()
    check_modal(make_modal(many, fields, "p1|x").to_dict())
    few = Form(title="t", command="x y", fault="Not so.", fields=many.fields[:4])
    modal = make_modal(few, opening(few)[0], "p1|x").to_dict()
    check_modal(modal)
    assert modal["components"][0] == {"type": 10, "content": "Not so."}


def test_what_was_typed_is_read_with_care() -> None:
    submitted = {
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "url", "value": "a"}},
            {"type": 18, "component": {"type": 3, "custom_id": "how", "values": ["now"]}},
            {"type": 18, "component": {"type": 3, "custom_id": "none", "values": []}},
            {"type": 1, "components": [{"type": 4, "custom_id": "old", "value": " "}]},
            {"type": 10, "id": 1},
            "nonsense",
        ]
    }
    assert typed_into(submitted) == {"url": "a", "how": "now"}
    assert typed_into(None) == {}


def test_typed_text_is_kept_for_the_latest_few() -> None:
    forms = KeptForms()
    first, *_, last = [forms.keep("feed add", {"url": f"u{n}"}) for n in range(201)]
    assert forms.reopened(last.command, dict(last.arguments)) == ("feed add", {"url": "u200"})
    assert forms.reopened(first.command, dict(first.arguments)) == ("feed add", {})
