"""What a headline says, in words that can be compared with another's. Pure.

Outlets tell one event in different words and different events in the same words. So words of
one sense count as one ("halts", "won't sell", "moratorium"), and the words that turn a
headline's meaning are kept apart: a pause is not its extension, a bill that passes is not one
that fails.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import filterfalse

from rapidfuzz.fuzz import ratio

from domain.jurisdictions import NAMES
from domain.text import fold

# Wire services put these in front; sites put their name behind.
_PREFIX = re.compile(
    r"(?:exclusive|in brief|breaking|just in|watch|factbox|update \d+|corrected|refile)\s*[-–—:]\s*",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(.{20,}?)\s+(\||[-–—])\s+([^|–—]{2,40})")
_OUTLET = re.compile(
    r"\b(?:news|times|post|herald|tribune|journal|reuters|ap|cnn|bbc|npr|magazine|today|daily|"
    r"gazette|chronicle|globe|press|media|radio|tv|verge|guardian|wired|politico|axios|"
    r"\w+\.(?:com|org|net)|[kw][a-z]{2,3})\b",
    re.IGNORECASE,
)
_MOST_OUTLET_WORDS = 4
_LONGEST_NAME = 3
_STEM = 4
_SAME_WORD = 70.0

# Folded phrases that mean one word of the table below; each has one of the words named after.
_PHRASES = tuple(
    (re.compile(found), said)
    for found, said in (
        (r" (?:won|don|doesn|didn|isn|aren|can|couldn|wouldn|shouldn) t ", " not "),
        (r" (?:no longer|never) ", " not "),
        (r" not want ", " stop "),
        (
            r" not(?= (?:\w+ )?(?:sell|let|allow|offer|provide|use|permit|give|share)(?:s|ing)? )",
            " stop",
        ),
        (r" part(?:s|ed|ing)? ways with ", " stop "),
        (r" law enforcement ", " police "),
        (r" (?:facial|face) (?:recognition|surveillance|matching|scanning) ", " face "),
        (r" (?:a|per) year ", " 1 year "),
        (r" week in ", " review "),
        (r"^ tell ", " ask "),  # a campaign's call: "Tell the council to …"
    )
)
_IN_PHRASES = frozenset(
    ("t", "longer", "never", "not", "ways", "enforcement", "facial", "face", "year", "week", "tell")
)
_BEFORE_NUMBER = re.compile(r"(?<=[a-z])(?=\d)")
_SENSES = {
    "face": "facial faces",
    "police": "cop cops policing",
    "sell": "sells selling sold sale sales",
    "year": "years",
    "stop": "stops stopped stopping halt halts halted halting pause pauses paused pausing quit "
    "quits drop drops dropped discontinue discontinues discontinued suspend suspends suspended "
    "suspending suspension moratorium ban bans banned banning bar bars barred block blocks "
    "blocked blocking cease ceases ceased abandon abandons abandoned exit exits shut shuts "
    "shutting shutter shutters retire retires retired restrict restricts restricted restriction "
    "restrictions limit limits limited limiting refuse refuses refused",
    "extend": "extends extended extending extension prolong prolongs renew renews renewed",
    "end": "ends ended ending lift lifts lifted lifting reverse reverses reversed repeal repeals "
    "repealed overturn overturns overturned rescind rescinds rescinded revoke revokes revoked "
    "resume resumes resumed",
    "expire": "expires expired expiring lapse lapses lapsed",
    "not": "",
    "ask": "asks asked urge urges urged demand demands demanded petition petitions letter "
    "letters want wants should must press presses pressure",
    "opinion": "editorial column commentary review roundup podcast recap explainer",
    "pass": "passes passed approve approves approved adopt adopts adopted enact enacts enacted "
    "sign signs signed",
    "reject": "rejects rejected veto vetoes vetoed fail fails failed stall stalls stalled kill "
    "kills killed",
    "introduce": "introduces introduced propose proposes proposed file files filed",
    "sue": "sues sued suing lawsuit",
    "settle": "settles settled settlement",
    "fine": "fines fined",
    "win": "wins won",
}
TURNING = frozenset({"stop", "extend", "end", "expire", "not", "ask", "opinion"})
"""Senses without which a headline says something else."""
STEPS = frozenset({"pass", "reject", "introduce", "sue", "settle", "fine", "win"})
"""Senses of which one event has one; outlets may leave it out."""
GENERAL = frozenset(_SENSES)
"""Senses that tell by themselves nothing about whom or where it is."""


def _all(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Of each of these groups one event has the same: another city's is another event.
_PLACES = _all(
    "albuquerque atlanta austin baltimore bellingham berkeley boston brookline cambridge charlotte "
    "chicago cincinnati cleveland columbus dallas denver detroit edmonton fresno houston "
    "indianapolis jacksonville louisville memphis miami milwaukee minneapolis montreal nashville "
    "northampton nyc oakland omaha orlando ottawa philadelphia phoenix pittsburgh portland raleigh "
    "sacramento seattle somerville spokane springfield tacoma tampa toronto tucson tulsa "
    "vancouver london manchester paris berlin "
    "australia brazil britain canada china england europe france germany greece india ireland "
    "israel italy japan mexico netherlands russia scotland spain sweden uk ukraine wales"
) | {
    "el paso", "kansas city", "king county", "las vegas", "los angeles", "new orleans",
    "oklahoma city", "salt lake city", "san antonio", "san diego", "san francisco", "san jose",
    "st louis",
}  # fmt: skip
_STATES = frozenset(name for name, codes in NAMES.items() if codes != ("us",))
_GROUPS = (
    _PLACES | _STATES,
    _all("atf cbp dea dhs fbi ice interpol irs lapd nypd pentagon tsa"),
    _all("assembly house senate"),
)
_NAMED = re.compile(
    rf" ({'|'.join(sorted((one for group in _GROUPS for one in group), key=len, reverse=True))})(?= )"
)
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
}
_SAYS_LITTLE = _all(
    "a about after again all also amid among an and any are as at be been being but by can could "
    "did do does down for from get gets got had has have her his how in into is it its just may "
    "might more most new now of off on or our out over s said say says so than that the their "
    "them these they this those to too under up use used uses using via was we were what when "
    "where which while who whom whose why will with would you your us u "
    "tell tells told write writes wrote "
    "technology tech technologies software tool tools system systems service services program"
)
# What follows one of these is what went before or comes with it, not what happened.
_BACKGROUND = re.compile(
    r"(?:,|;| [-–—])\s|\s(?:after|following|amid|despite|as|until|while|that|in (?:the )?wake of)\s",
    re.IGNORECASE,
)
_LEAST_SAID = 3
_DIGIT = re.compile(r"\d")
# Each ending looks back by itself: a search that begins with a letter passes over the others.
_ENDINGS = re.compile(
    "|".join(rf"{end}(?= )(?<=\w{{4}}{end})" for end in ("ies", "ing", "ed", "es", "s", "e"))
)
# What a word counts as; not at all if that is empty, and without its ending if it is not here.
_COUNTS_AS = {
    **{sense: sense for sense in _SENSES},
    **{word: sense for sense, words in _SENSES.items() for word in words.split()},
    **_NUMBERS,
    **dict.fromkeys(_SAYS_LITTLE, ""),
}


@dataclass(frozen=True)
class Headline:
    """The telling words of a headline in their order, and what kinds of them there are.

    `bare` is the headline but for the outlet's additions, `plain` the same folded. What only a
    comparison asks for and is long in the finding is found when it is asked for.
    """

    bare: str
    plain: str
    words: tuple[str, ...]
    tokens: frozenset[str]
    numbers: frozenset[str]
    turning: frozenset[str]
    steps: frozenset[str]

    @cached_property
    def said(self) -> frozenset[str]:
        """The words up to the background, if they are enough to say something; else all."""
        for found in _BACKGROUND.finditer(self.bare):
            words = frozenset(_words(fold(self.bare[: found.start()])))
            if len(words) >= _LEAST_SAID:
                return words
        return self.tokens

    @cached_property
    def named(self) -> frozenset[str]:
        """The places, agencies and chambers in it."""
        return frozenset(_NAMED.findall(f" {self.plain} "))


def read(title: str) -> Headline:
    """Return what a headline says, word by word."""
    bare = _bare(title)
    plain = fold(bare)
    words = _words(plain)
    tokens = frozenset(words)
    return Headline(
        bare=bare,
        plain=plain.strip(),
        words=words,
        tokens=tokens,
        numbers=frozenset(filter(_DIGIT.search, filterfalse(str.isalpha, words))),
        turning=tokens & TURNING,
        steps=tokens & STEPS,
    )


def _words(text: str) -> tuple[str, ...]:
    """The telling words of folded text, each in the form that others are compared with."""
    words = text.split()
    if not _IN_PHRASES.isdisjoint(words):
        for found, said in _PHRASES:
            text = found.sub(said, text)
        words = text.split()
    if not all(map(str.isalpha, words)):
        text = _BEFORE_NUMBER.sub(" ", text)
        words = text.split()
    stems = _ENDINGS.sub("", text).split()
    return tuple(filter(None, map(_COUNTS_AS.get, words, stems)))


def _bare(title: str) -> str:
    """Drop what the wire put in front and the site behind."""
    wire = _PREFIX.match(title)
    if wire:
        title = title[wire.end() :]
    found = _SUFFIX.fullmatch(title)
    if found and len(found[3].split()) <= _MOST_OUTLET_WORDS:
        named = found[2] == "|" or _OUTLET.search(found[3])
        return found[1] if named else title
    return title


def elsewhere(one: Headline, other: Headline) -> bool:
    """Whether two headlines are of different places, agencies, chambers or numbers."""
    if not (one.numbers <= other.numbers or other.numbers <= one.numbers):
        return True
    if not (one.named and other.named):
        return False
    return any(_apart(one.named & group, other.named & group) for group in _GROUPS)


def contradict(one: Headline, other: Headline) -> bool:
    """Whether two headlines cannot be of one event, however alike they are."""
    return (
        elsewhere(one, other)
        or one.turning != other.turning
        or _apart(one.steps, other.steps)
        or _swapped(one, other)
    )


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)


def _swapped(one: Headline, other: Headline) -> bool:
    """Whether one is the other with some words put in the place of others: another city's."""
    one, other = sorted((one, other), key=lambda each: each.words)
    matcher = SequenceMatcher(None, one.words, other.words, autojunk=False)
    return any(
        tag == "replace"
        and a2 - a1 <= _LONGEST_NAME
        and b2 - b1 <= _LONGEST_NAME
        and not _akin(one.words[a1:a2], other)
        and not _akin(other.words[b1:b2], one)
        for tag, a1, a2, b1, b2 in matcher.get_opcodes()
    )


def _akin(words: Sequence[str], other: Headline) -> bool:
    """Whether all the words stand in the other headline too, in some form."""
    return all(
        word in other.tokens
        or any(
            word[:_STEM] == one[:_STEM] and ratio(word, one) >= _SAME_WORD for one in other.tokens
        )
        for word in words
    )
