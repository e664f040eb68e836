"""What an action does, read from its words: for sources that classify nothing themselves.

The words are those of the legislatures' own journals (Congress, Washington, California, Alaska,
Arkansas, Legistar's cities). What none of the patterns knows stays unclassified. Pure and linear.
"""

import re

from domain.bills import ActionKind

_LONGEST = 600  # what an action does stands at its beginning
_AMENDMENT = r"(?:amendments?|am no\.? \w+|amdts?|sa \d+|h\.?amdt\.? ?\d+)"
_PUT_OFF = (
    r"passed (?:over\b(?! (?:the )?veto)|by (?:for|temporarily|indefinitely|until|with letter))"
)
_EXECUTIVE = r"(?:the )?(?:governor|president(?! of the senate| pro| signed)|mayor)"

# A kind, what tells of it, and what that must not be mistaken for.
_PATTERNS: tuple[tuple[ActionKind, str, str], ...] = (
    (ActionKind.FILING, r"\bpre-?file[d ]|^filed\b|\bfiled with the\b", r"notice|report"),
    (ActionKind.INTRODUCTION, r"\bintroduced\b|^introduction\b", rf"{_AMENDMENT}.{{0,40}}introduced|reintroduced and retained"),
    (ActionKind.READING_1, r"\b(?:first|1st) reading\b|\bread (?:the |for the )?(?:first|1st) time\b", ""),
    (ActionKind.READING_2, r"\b(?:second|2nd) reading\b|\bread (?:the |for the )?(?:second|2nd) time\b|\bread twice\b", r"for (?:second|2nd) reading"),
    (ActionKind.READING_3, r"\b(?:third|3rd) reading\b|\bread (?:the |for the )?(?:third|3rd) time\b", r"(?:for|to|on|in) (?:third|3rd) reading"),
    (ActionKind.REFERRAL_COMMITTEE, r"\b(?:re-?)?referred(?: to|$)|\breferrals\b|\bassigned to\b|\bpassed to \w+ committee\b|\bto com(?:m|mittee)\b", ""),
    (ActionKind.COMMITTEE_PASSAGE_FAVORABLE, r"\bdo pass\b|\breported (?:out )?favorabl|\breported.{0,80}favorably|\brecommended (?:to|for) pass|\brecommended for (?:approval|adoption)", r"do not pass"),
    (ActionKind.COMMITTEE_PASSAGE_UNFAVORABLE, r"\bdo not pass\b|\breported unfavorabl", r"\bminority\b"),
    (ActionKind.COMMITTEE_PASSAGE, r"\breported (?:by|to|with|without|as|from|in|out)\b|\bordered to be reported\b|\brpt\b|\bcommittee report\b", r"favorabl|not reported"),
    (ActionKind.COMMITTEE_FAILURE, r"\bheld (?:in committee|under submission)|\b(?:failed|died|defeated) in committee\b|\bin committee:? .{0,40}failed passage", ""),
    (ActionKind.AMENDMENT_PASSAGE, rf"\b{_AMENDMENT}\b.{{0,120}}\b(?:adopted|agreed to|passed|approved)\b|\bread (?:second|third) time and amended\b|\bas amended\b|\bamended in (?:senate|assembly|house)\b|\bpassed.{{0,40}}with (?:an )?amendments?\b", rf"\b{_AMENDMENT}\b.{{0,120}}\b(?:failed|rejected|not agreed|not adopted)\b"),
    (ActionKind.AMENDMENT_FAILURE, rf"\b{_AMENDMENT}\b.{{0,120}}\b(?:failed|rejected|not agreed|not adopted)\b", ""),
    (ActionKind.AMENDMENT_INTRODUCTION, rf"\b{_AMENDMENT}\b.{{0,40}}\b(?:proposed|offered|submitted|introduced)\b", ""),
    (ActionKind.SUBSTITUTION, r"\bsubstitute(?: bill)? (?:substituted|adopted)|\bcs adopted\b", ""),
    (ActionKind.PASSAGE, r"^(?:house |senate |assembly )?passed\b|\bpassed/agreed to in\b|\b(?:read(?:ing)?|time)(?: the third time)?,? (?:and )?passed\b|\bpassed (?:the )?(?:house|senate|assembly)\b|\bfinal passage\b|\bpass the (?:bill|resolution).{0,40} agreed to\b|\bon passage passed\b|\bpassed to be (?:engrossed|enacted)\b|\bon agreeing to the resolution.{0,40} agreed to\b|^adopted\b|^approved$", rf"\bfail|\bnot passed|\b{_PUT_OFF}|\bpassed (?:to (?!be )|from)|\bas passed\b|\bclause\b|\bdefeated\b|^(?:the )?amendment|\bover (?:the )?veto\b"),
    (ActionKind.FAILURE, r"\bfailed (?:to pass|of passage|passage|final passage|on (?:final )?passage|by (?:the yeas|recorded vote|voice vote)|in (?:the )?(?:house|senate))|\bdefeated\b|\bindefinitely postponed\b|\b(?:postponed|passed by) indefinitely\b|\bdied (?:on|in|at)\b|\bsine die\b|\bnot passed\b|\binexpedient to legislate\b", r"amendment|in committee|veto"),
    (ActionKind.CONCURRENCE, r"\bconcurred in\b|\bconcurs? in\b|\bagreed to (?:the )?(?:house|senate) amendments?\b|\bconcurrence\b", r"refuse|not concur"),
    (ActionKind.RECEIPT, r"\breceived (?:in|from)\b", ""),
    (ActionKind.DEFERRAL, rf"\blaid on the table\b|\btabled\b|\bdeferred\b|\bpostponed\b|\bheld over\b|\b{_PUT_OFF}", r"motion to reconsider|indefinitely|over (?:the )?veto"),
    (ActionKind.WITHDRAWAL, r"\bbill withdrawn\b|\bwithdrawn (?:by|from (?:further )?consideration)|^withdrawn\b", r"from committee|amendment"),
    (ActionKind.CARRIED_OVER, r"\bcarried over\b|\bcarry-?over\b|\breintroduced and retained\b|\bcontinued to (?:the )?next\b|\bheld over to (?:the )?next\b", ""),
    (ActionKind.ENROLLED, r"\benrolled\b", r"to be enrolled"),
    (ActionKind.EXECUTIVE_RECEIPT, rf"\b(?:delivered|presented|transmitted|sent|forwarded) to {_EXECUTIVE}\b", ""),
    (ActionKind.EXECUTIVE_SIGNATURE, rf"\bsigned by {_EXECUTIVE}\b|\bapproved by {_EXECUTIVE}\b|\b(?:governor|mayor) (?:signed|approved)\b|\bsigned into law\b", ""),
    (ActionKind.EXECUTIVE_VETO_LINE_ITEM, r"\bpartial(?:ly)? veto|\bline[- ]item veto", ""),
    (ActionKind.EXECUTIVE_VETO, r"\bvetoed\b|\bpocket veto\b|^veto\b", r"partial|line[- ]item|overrid|over veto"),
    (ActionKind.VETO_OVERRIDE_PASSAGE, r"\bpassed.{0,20}over (?:the )?veto\b|\bveto overridden\b|\boverrode\b|\bveto override.{0,20}passed", r"\bfail"),
    (ActionKind.VETO_OVERRIDE_FAILURE, r"\b(?:override|over (?:the )?veto).{0,60}\bfailed\b|\bfailed.{0,60}over (?:the )?veto\b|\bveto sustained\b", ""),
    (ActionKind.BECAME_LAW, r"\bbecame (?:public |private )?law\b|\bbecomes law\b|\bchaptered\b|^chapter \d|\bchapter \d+, (?:statutes|laws|\d{4})|\bis now act\b|\bpublic act\b|\bsigned into law\b|\benacted into law\b", r"\bnot\b"),
)  # fmt: skip
_COMPILED = tuple(
    (kind, re.compile(told), re.compile(unless) if unless else None)
    for kind, told, unless in _PATTERNS
)


def classify(text: str) -> tuple[ActionKind, ...]:
    """Return the kinds of step that an action's words tell of, in the order of `ActionKind`."""
    words = " ".join(text[:_LONGEST].lower().split())
    return tuple(
        kind
        for kind, told, unless in _COMPILED
        if told.search(words) and not (unless and unless.search(words))
    )
