"""The names a company is looked for under: made, added to, taken away from. Pure."""

from dataclasses import replace

from commands.naming import all_names
from domain.errors import UserError
from domain.model import Rule, Watch, WatchKind
from domain.record import Company
from domain.text import fold


def rule_of(
    known: Company | None, name: str, aliases: tuple[str, ...], context: tuple[str, ...]
) -> Rule:
    """The names given with those of the record; a context that is given binds every name."""
    if known and not context:
        return Rule(
            kind=WatchKind.COMPANY,
            names=tuple(dict.fromkeys((*known.aliases, *aliases))),
            ambiguous=known.ambiguous,
            context=known.context,
        )
    names = tuple(dict.fromkeys((*(all_names(known) if known else (name,)), *aliases)))
    if context:
        return Rule(kind=WatchKind.COMPANY, ambiguous=names, context=context)
    return Rule(kind=WatchKind.COMPANY, names=names)


def with_name(watch: Watch, name: str, in_context: str) -> Rule:
    """The rule with one more name: bound to the context where that is said, or all others are."""
    rule = watch.rule
    if in_context == "yes" and not rule.context:
        raise UserError(
            f"{watch.label} has no context words.",
            hint="/company track with context: gives it some.",
        )
    if any(fold(one) == fold(name) for one in (*rule.names, *rule.ambiguous)):
        return rule
    bound = in_context == "yes" or (not in_context and rule.context and not rule.names)
    if bound:
        return replace(rule, ambiguous=(*rule.ambiguous, name))
    return replace(rule, names=(*rule.names, name))


def without_name(watch: Watch, name: str) -> Rule:
    """The rule with a name less. Raises UserError if it has not that name, or no other."""
    rule = watch.rule
    names = tuple(one for one in rule.names if fold(one) != fold(name))
    ambiguous = tuple(one for one in rule.ambiguous if fold(one) != fold(name))
    if (names, ambiguous) == (rule.names, rule.ambiguous):
        raise UserError(
            f"{watch.label} is not watched under “{name}”.",
            hint=f"Its names are: {', '.join((*rule.names, *rule.ambiguous))}.",
        )
    if not names and not ambiguous:
        raise UserError(
            f"“{name}” is the last name of {watch.label}.", hint="/company untrack ends it."
        )
    return replace(rule, names=names, ambiguous=ambiguous)


def same_names(one: Rule, other: Rule) -> bool:
    """Whether two rules look for the same, in whatever order they list it."""
    return all(
        set(mine) == set(theirs)
        for mine, theirs in (
            (one.names, other.names),
            (one.ambiguous, other.ambiguous),
            (one.context, other.context),
        )
    )
