"""Spans as Discord’s markdown: strangers’ text is inert, links are honest."""

from datetime import UTC, datetime

import pytest

from bot.chats.discord_text import draw, escape, is_honest, web_address
from domain.cards import (
    Span,
    Style,
    Text,
    bold,
    channel,
    code,
    instant,
    link,
    text,
)

AT = datetime(2020, 6, 17, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("@everyone and @here", "@\u200beveryone and @\u200bhere"),
        ("<@1> <@!1> <@&2>", "\\<@\u200b1> \\<@\u200b!1> \\<@\u200b&2>"),
        ("<#3> <:a:4> </x:5> <t:1>", r"\<#3> \<:a:4> \</x:5> \<t:1>"),
        ("[x](http://evil)", r"\[x](http\://evil)"),
        ("*a* **b** _c_ __d__ ~~e~~ ||f|| `g`",
         r"\*a\* \*\*b\*\* \_c\_ \_\_d\_\_ \~\~e\~\~ \|\|f\|\| \`g\`"),
        ("snake_case | a ~ b", "snake_case | a ~ b"),
        ("# a", r"\# a"),
        ("-# a", r"\-# a"),
        ("> a", r"\> a"),
        (">>> a", r"\>>> a"),
        ("- a", r"\- a"),
        ("12. a", r"12\. a"),
        ("#MeToo, 3.5 and -5", "#MeToo, 3.5 and -5"),
        ("two\nlines", "two lines"),
        ("a\u202eb\u200bc\ud800", "abc"),
        ("back\\slash", r"back\\slash"),
    ],
)  # fmt: skip
def test_strangers_text_is_inert(written: str, shown: str) -> None:
    assert escape(written) == shown


@pytest.mark.parametrize(
    ("spans", "drawn"),
    [
        (text(bold("IBM: "), "now"), "**IBM:** now"),
        (text(Span(text="said", style=Style.QUOTE)), "*said*"),
        (text(code("/feed add `x`")), "`` /feed add `x` ``"),
        (text(bold("a"), bold("b")), "**a**\u200b**b**"),
        (text(instant(AT)), "<t:1592402700:f>"),
        (text(channel("123")), "<#123>"),
        (text(channel("user:1")), "#user:1"),
        (text(link("a [b] c", "https://x.example/(1)")), "[a (b) c](https://x.example/%281%29)"),
        (text(link("bank.example", "https://evil.example/x")),
         "bank.example ([evil.example](https://evil.example/x))"),
        (text(link("https://a.example/x", "https://a.example/x")),
         "[a.example/x](https://a.example/x)"),
        (text(link("", "https://a.example/x")), "[a.example](https://a.example/x)"),
        (text(link("file", "file:///etc/passwd")), "file"),
        (text(link("x](http://evil.example) y", "https://a.example")),
         "x](http\\://evil.example) y ([a.example](https://a.example))"),
        (text(link("x](//evil) y", "https://a.example")), "[x)(//evil) y](https://a.example)"),
    ],
)  # fmt: skip
def test_spans_become_markdown(spans: Text, drawn: str) -> None:
    assert draw(spans, 500) == drawn


def test_what_is_cut_ends_in_dots_and_no_broken_link() -> None:
    spans = text("first ", link("the words", f"https://a.example/{'x' * 50}"), " last")
    assert draw(spans, 40) == "first the words…"
    assert draw(text(bold("many words in bold")), 15) == "**many words**…"
    assert draw(text("fits"), 4) == "fits"
    assert draw(text("fits", "not"), 4) == "fi…"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.example/x?y=1#z", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://[::1]/x", True),
        ("https://käse.example/", True),
        ("https://me:pw@a.example/", False),
        ("https://a.example:99999/", False),
        ("https://", False),
        ("https://a b.example/", False),
        ("https://a.example/\u202e", False),
        ("http://[::1", False),
        ("javascript:alert(1)", False),
        ("//a.example", False),
        ("https://good.example\\@evil.example/", False),
        ("https://a.example/" + "x" * 2048, False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked(url: str, good: bool) -> None:
    assert bool(web_address(url)) is good


@pytest.mark.parametrize(
    ("words", "honest"),
    [
        ("Microsoft pauses", True),
        ("Amazon.com pauses sales", True),
        ("a.example", True),
        ("www.a.example/x", True),
        ("https://A.example:443/y", True),
        ("b.example", False),
        ("see www.b.example", False),
        ("see https://a.example@b.example/", False),
    ],
)
def test_words_that_name_another_host_are_found_out(words: str, honest: bool) -> None:
    assert is_honest(words, "https://www.a.example/x") is honest
