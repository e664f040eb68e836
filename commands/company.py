"""`/company`: which companies the community watches, and under which names."""

from dataclasses import replace
from datetime import date

from commands.company_rules import rule_of, same_names, with_name, without_name
from commands.naming import all_names, company_in, no_company, no_watch, split_names, watch_named
from commands.paging import PAGE, next_page, page_of
from commands.pledge_cards import position_line, status_word
from commands.registry import Command, Completes, Option
from domain import positions
from domain.cards import (
    Action,
    Bullets,
    Fact,
    Facts,
    Notice,
    Page,
    Paragraph,
    Reply,
    Text,
    Tone,
    bold,
    code,
    text,
)
from domain.errors import UserError
from domain.model import Rule, Watch, WatchKind
from domain.ports import Desk, Tx
from domain.record import Company, Record
from domain.text import clean, fold

_MAX_NAMES = 40
_MAX_NAME = 80
_BILLS = 8


async def list_tracked(desk: Desk, *, page: int | None) -> Reply:
    """The companies watched here."""

    def work(tx: Tx) -> tuple[list[Watch], Record]:
        return tx.watches.of(desk.space, WatchKind.COMPANY), tx.record.load(desk.space)

    watches, record = await desk.store.read(work)
    if not watches:
        return Reply(card=_none_tracked())
    shown, left = page_of(watches, page)
    items = tuple(_line(watch, record, desk) for watch in shown)
    return Reply(
        card=Page(
            title="Companies watched here",
            blocks=(Bullets(items=items),),
            note="/company track and a name adds one; /company show tells what is looked for.",
            actions=next_page("company list", page, left),
        )
    )


async def show(desk: Desk, *, company: str) -> Reply:
    """One company: its names, the words it must stand beside, its pledge."""

    def work(tx: Tx) -> tuple[list[Watch], Record]:
        return tx.watches.of(desk.space, WatchKind.COMPANY), tx.record.load(desk.space)

    watches, record = await desk.store.read(work)
    watch = watch_named(watches, company)
    known = company_in(record, watch.key if watch else company)
    if watch is None and known is None:
        raise no_company(record, company, "company show")
    return Reply(card=_company_page(record, known, watch, desk))


async def track(desk: Desk, *, name: str, aliases: str, context: str) -> Reply:
    """Watch a company, under its own names or given ones."""
    others, beside = _names(aliases), _names(context)

    def work(tx: Tx) -> tuple[Watch, Watch | None, Company | None]:
        known = company_in(tx.record.load(desk.space), name)
        label = known.name if known else clean(name, _MAX_NAME)
        key = known.key if known else fold(label).strip()
        if not key:
            raise UserError(f"“{name}” has no letter or digit to look for.")
        before = tx.watches.find(desk.space, WatchKind.COMPANY, key)
        plain = not (others or beside)
        if not (plain and tx.watches.bring_back(desk.space, WatchKind.COMPANY, key, desk.now)):
            _keep(tx, desk, key, label, rule_of(known, label, others, beside), known)
        _note(tx, desk, "company track", label)
        return _found(tx, desk, key), before, known

    watch, before, known = await desk.store.write(work)
    if before is None:
        return Reply(card=_tracked(watch, "is watched", _untrack(watch)))
    if same_names(before.rule, watch.rule):
        return Reply(card=_tracked(watch, "is watched already", ()))
    done = "was watched already; its names are now these"
    return Reply(card=_tracked(watch, done, _as_before(known, before)))


async def untrack(desk: Desk, *, name: str) -> Reply:
    """Watch a company no more."""

    def work(tx: Tx) -> Watch:
        watch = _watched(tx, desk, name, "company untrack")
        tx.watches.remove(watch, desk.now)
        _note(tx, desk, "company untrack", watch.label)
        return watch

    watch = await desk.store.write(work)
    return Reply(
        card=Notice(
            text=text(bold(watch.label), " is watched no more. Subscriptions to it ended."),
            tone=Tone.DONE,
            actions=(_undo("company track", name=watch.label),),
        )
    )


async def alias(desk: Desk, *, company: str, alias: str, remove: str, in_context: str) -> Reply:
    """Add a name a company goes by, or take one away."""
    name = next(iter(_names(alias)), "")
    if not fold(name).strip():
        raise UserError("A name needs at least one letter or digit.")

    def work(tx: Tx) -> tuple[Watch, Watch]:
        watch = _watched(tx, desk, company, "company alias")
        rule = without_name(watch, name) if remove == "yes" else with_name(watch, name, in_context)
        known = tx.record.load(desk.space).company(watch.key)
        _keep(tx, desk, watch.key, watch.label, rule, known)
        _note(tx, desk, "company alias", f"{watch.label}: {'-' if remove == 'yes' else '+'}{name}")
        return watch, _found(tx, desk, watch.key)

    before, watch = await desk.store.write(work)
    if same_names(before.rule, watch.rule):
        return Reply(card=_tracked(watch, "is watched under that name already", ()))
    named = {"company": watch.label, "alias": name}
    if remove == "yes":
        bound = any(fold(one) == fold(name) for one in before.rule.ambiguous)
        undo = _undo("company alias", **named, in_context="yes" if bound else "no")
    else:
        undo = _undo("company alias", **named, remove="yes")
    return Reply(card=_tracked(watch, "is watched under these names", (undo,)))


def _none_tracked() -> Notice:
    return Notice(
        text=text("No company is watched here."),
        hint=text("Try ", code("/company track Microsoft"), "."),
        actions=(
            Action(label="Microsoft", command="company track", arguments=(("name", "Microsoft"),)),
        ),
    )


def _line(watch: Watch, record: Record, desk: Desk) -> Text:
    company = record.company(watch.key)
    state = status_word(company, desk.now.date()) if company else "not in the record"
    return text(bold(watch.label), f" · {state}", "" if watch.shipped else " · names set here")


def _company_page(record: Record, known: Company | None, watch: Watch | None, desk: Desk) -> Page:
    name = watch.label if watch else known.name if known else ""
    facts = [Fact(label="Pledge", value=text(_pledge(known, desk)))]
    if watch:
        facts += _looked_for(watch.rule)
    elif known:
        facts.append(Fact(label="Names", value=text(", ".join(all_names(known)))))
    if known and known.subsidiaries:
        facts.append(Fact(label="Owns", value=text(", ".join(known.subsidiaries))))
    if known:
        facts += _on_bills(record, known, desk.now.date())
    state = "Watched here." if watch else "Not watched here: /company track adds it."
    return Page(
        title=name,
        blocks=(Facts(facts=tuple(facts)), Paragraph(text=text(state))),
        actions=_company_actions(known, watch, name),
    )


def _on_bills(record: Record, company: Company, on: date) -> list[Fact]:
    """Where the company stands on the bills of the record, and who is against it there."""
    held = positions.standings(record, company.key, on)
    lines = [position_line(one, on) for one in held[:_BILLS]]
    if len(held) > _BILLS:
        lines.append(f"…and {len(held) - _BILLS} more")
    return [Fact(label="On bills", value=text(" · ".join(lines)))] if lines else []


def _company_actions(known: Company | None, watch: Watch | None, name: str) -> tuple[Action, ...]:
    named = (("company", name),)
    made = (Action(label="The pledge", command="pledge show", arguments=named),) if known else ()
    if watch is None:
        return (
            *made,
            Action(label="Watch it", command="company track", arguments=(("name", name),)),
        )
    return (
        *made,
        Action(label="Hear of it here", command="subscribe here", arguments=(("what", name),)),
    )


def _pledge(known: Company | None, desk: Desk) -> str:
    if known is None:
        return "not in the record"
    title = f": {known.pledges[-1].title}" if known.pledges else ""
    return f"{status_word(known, desk.now.date())}{title}"


def _looked_for(rule: Rule) -> list[Fact]:
    facts = [
        ("Names", rule.names),
        ("Only in context", rule.ambiguous),
        ("Context", rule.context),
    ]
    return [Fact(label=label, value=text(", ".join(names))) for label, names in facts if names]


def _tracked(watch: Watch, done: str, undo: tuple[Action, ...]) -> Page:
    note = (
        "Names under “Only in context” count only beside a context word."
        if watch.rule.ambiguous
        else ""
    )
    hear = Action(
        label="Hear of it here", command="subscribe here", arguments=(("what", watch.label),)
    )
    return Page(
        title=f"{watch.label} {done}",
        blocks=(Facts(facts=tuple(_looked_for(watch.rule))),),
        note=note,
        actions=(hear, *undo),
    )


def _undo(command: str, **arguments: str) -> Action:
    return Action(label="Undo", command=command, arguments=tuple(arguments.items()))


def _untrack(watch: Watch) -> tuple[Action, ...]:
    return (_undo("company untrack", name=watch.label),)


def _as_before(known: Company | None, before: Watch) -> tuple[Action, ...]:
    """The button that gives a watch its former names, where the options can say them."""
    rule = before.rule
    own = set(all_names(known)) if known else {before.label}
    aliases = tuple(one for one in (*rule.names, *rule.ambiguous) if one not in own)
    for context in ((), rule.context):
        if same_names(rule_of(known, before.label, aliases, context), rule):
            return (
                _undo(
                    "company track",
                    name=before.label,
                    aliases=", ".join(aliases),
                    context=", ".join(context),
                ),
            )
    return ()


def _watched(tx: Tx, desk: Desk, name: str, command: str) -> Watch:
    watches = tx.watches.of(desk.space, WatchKind.COMPANY)
    watch = watch_named(watches, name)
    if watch is None:
        raise no_watch(watches, name, command, "company" if command == "company alias" else "name")
    return watch


def _keep(tx: Tx, desk: Desk, key: str, label: str, rule: Rule, known: Company | None) -> None:
    """Watch a company by a rule; by the record's own, it follows the record from then on."""
    shipped = known is not None and same_names(rule, rule_of(known, label, (), ()))
    if shipped and tx.watches.restore_shipped(desk.space, WatchKind.COMPANY, key, desk.now):
        return
    tx.watches.put(desk.space, WatchKind.COMPANY, key, label, rule, desk.now)


def _found(tx: Tx, desk: Desk, key: str) -> Watch:
    watch = tx.watches.find(desk.space, WatchKind.COMPANY, key)
    assert watch is not None
    return watch


def _names(written: str) -> tuple[str, ...]:
    names = split_names(written)
    if len(names) > _MAX_NAMES or any(len(name) > _MAX_NAME for name in names):
        raise UserError(f"At most {_MAX_NAMES} names of {_MAX_NAME} characters each.")
    return names


def _note(tx: Tx, desk: Desk, verb: str, subject: str) -> None:
    tx.audit.note(desk.space, desk.request.actor, verb, subject, desk.now)


_COMPANY = Option(
    name="company",
    summary="The company",
    required=True,
    completes=Completes.COMPANY,
    example="Microsoft",
)
COMMANDS = (
    Command(
        noun="company",
        verb="list",
        summary="The companies watched here",
        handler=list_tracked,
        options=(PAGE,),
    ),
    Command(
        noun="company",
        verb="show",
        summary="A company: its names and its pledge",
        handler=show,
        options=(_COMPANY,),
    ),
    Command(
        noun="company",
        verb="track",
        summary="Watch a company",
        handler=track,
        organizers=True,
        options=(
            Option(
                name="name",
                summary="The company",
                required=True,
                completes=Completes.COMPANY,
                free=True,
                example="Palantir",
            ),
            Option(name="aliases", summary="Other names, with commas", example="Palantir Foundry"),
            Option(
                name="context",
                summary="Words it must stand beside, with commas",
                example="police, contract",
            ),
        ),
    ),
    Command(
        noun="company",
        verb="untrack",
        summary="Watch a company no more",
        handler=untrack,
        organizers=True,
        options=(replace(_COMPANY, name="name"),),
    ),
    Command(
        noun="company",
        verb="alias",
        summary="Add or take away a name a company goes by",
        handler=alias,
        organizers=True,
        options=(
            _COMPANY,
            Option(name="alias", summary="The name", required=True, example="Azure Face"),
            Option(name="remove", summary="Take it away instead", choices=("yes", "no")),
            Option(
                name="in_context",
                summary="Count it only beside the context words",
                choices=("yes", "no"),
            ),
        ),
    ),
)
