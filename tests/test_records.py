import re
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest

from domain import codec, pledges, record, record_check
from domain.record import Answer, Audience, Coalition, Company, EventKind, RecordedBill, Verified
from domain.text import fold

RECORDS = Path(__file__).parents[1] / "records"
FACTS = Path(__file__).parents[2] / "shared" / "facts" / "pledges.md"
READ = date(2026, 11, 22)
# All addresses of the fact sheet but one, which nobody has opened yet.
SOURCE_ADDRESSES = 215
T = TypeVar("T")


def load(folder: str, shape: type[T]) -> dict[str, T]:
    converter = codec.make_converter()
    return {
        f"{folder}/{path.name}": codec.structure(
            converter, tomllib.loads(path.read_text(encoding="utf-8")), shape
        )
        for path in sorted((RECORDS / folder).glob("*.toml"))
    }


COMPANIES = load("companies", Company)
BILLS = load("bills", RecordedBill)
COALITIONS = load("coalitions", Coalition)
DOCUMENTS: dict[str, Company | RecordedBill | Coalition] = {**COMPANIES, **BILLS, **COALITIONS}


def company(key: str) -> Company:
    return COMPANIES[f"companies/{key}.toml"]


def bill(key: str) -> RecordedBill:
    return BILLS[f"bills/{key}.toml"]


def coalition(key: str) -> Coalition:
    return COALITIONS[f"coalitions/{key}.toml"]


def addresses() -> set[str]:
    return {cite.url for one in DOCUMENTS.values() for cite in one.citations if cite.url}


def texts(value: object) -> Iterator[str]:
    for _, part in record_check._walk(value, ""):
        if isinstance(part, str):
            yield part


class TestShippedRecord:
    def test_has_no_faults(self) -> None:
        assert record_check.check(COMPANIES, BILLS, COALITIONS) == []

    def test_holds_the_companies_bills_and_coalitions_it_should(self) -> None:
        assert {one.key for one in COMPANIES.values()} == {
            "ibm", "amazon", "microsoft", "nec", "idemia", "clearview-ai",
            "google", "axon", "meta", "motorola-solutions", "rite-aid",
        }  # fmt: skip
        assert len(BILLS) == 28
        assert len(COALITIONS) == 5

    def test_cites_every_address_it_could(self) -> None:
        assert len(addresses()) >= SOURCE_ADDRESSES

    def test_was_read_on_one_day(self) -> None:
        days = {cite.retrieved_on for one in DOCUMENTS.values() for cite in one.citations}
        assert days == {READ}

    def test_the_same_source_is_cited_alike_in_every_file(self) -> None:
        seen: dict[str, record.Citation] = {}
        for document in DOCUMENTS.values():
            for cite in document.citations:
                assert seen.setdefault(cite.key, cite) == cite

    def test_a_source_without_an_address_says_why(self) -> None:
        nameless = {
            cite.key: cite.note
            for one in DOCUMENTS.values()
            for cite in one.citations
            if cite.url is None
        }
        assert set(nameless) == {
            "washington-post-column", "verge-microsoft-2020", "face-transparency-note",
        }  # fmt: skip
        assert all(nameless.values())

    def test_keeps_both_sides_of_every_conflict_between_sources(self) -> None:
        counted = {
            name.rpartition("/")[2]: len(one.conflicts)
            for name, one in DOCUMENTS.items()
            if one.conflicts
        }
        assert sum(counted.values()) == 29  # the thirtieth lists wrong dates not to copy
        assert counted == {
            "ibm.toml": 3, "amazon.toml": 5, "microsoft.toml": 5, "clearview-ai.toml": 1,
            "rite-aid.toml": 1, "ca-ab-2261.toml": 2, "wa-sb-6280.toml": 3,
            "us-116-hr-7356.toml": 1, "us-119-hr-7363.toml": 1, "san-francisco-ca.toml": 1,
            "baltimore-md.toml": 1, "new-orleans-la.toml": 1, "me-ld-1585.toml": 1,
            "detroit-mi.toml": 1, "ban-facial-recognition.toml": 1, "letter-january-2019.toml": 1,
        }  # fmt: skip

    def test_readme_names_every_key_of_every_table(self) -> None:
        readme = (RECORDS / "README.md").read_text(encoding="utf-8")
        shapes = [
            Company, RecordedBill, Coalition, record.Pledge, record.Terms, record.Duration,
            record.Coverage, record.StatusEvent, record.Evidence, record.Conflict, record.Side,
            record.Citation, record.Step, record.Position,
        ]  # fmt: skip
        for shape in shapes:
            for field in fields(shape):
                assert f"`{field.name}`" in readme, f"{shape.__name__}.{field.name}"

    def test_readme_names_every_word_that_a_key_may_hold(self) -> None:
        readme = (RECORDS / "README.md").read_text(encoding="utf-8")
        choices = [
            Audience, Answer, EventKind, Verified, record.Span, record.Bearing,
            record.EvidenceKind, record.Stance, record.Voice,
        ]  # fmt: skip
        for choice in choices:
            for one in choice:
                assert f"`{one.value}`" in readme, one

    def test_readme_examples_are_read_without_faults(self) -> None:
        readme = (RECORDS / "README.md").read_text(encoding="utf-8")
        examples = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
        shapes: list[type[Any]] = [Company, RecordedBill, Coalition]
        assert len(examples) == len(shapes)
        converter = codec.make_converter()
        read = [
            codec.structure(converter, tomllib.loads(text), shape)
            for text, shape in zip(examples, shapes, strict=True)
        ]
        named = [{f"{one.key}.toml": one} for one in read]
        assert record_check.check(*named) == []

    def test_licence_is_cc0(self) -> None:
        licence = (RECORDS / "LICENSE").read_text(encoding="utf-8")
        assert "CC0 1.0 Universal" in licence
        assert "Public License Fallback" in licence


class TestFactSheet:
    @pytest.fixture
    def facts(self) -> str:
        if not FACTS.exists():
            pytest.skip("no fact sheet beside the checkout")
        return FACTS.read_text(encoding="utf-8")

    @pytest.mark.shared
    def test_every_address_stands_there_letter_for_letter(self, facts: str) -> None:
        assert {url for url in addresses() if url not in facts} == set()

    @pytest.mark.shared
    def test_every_title_stands_there(self, facts: str) -> None:
        plain = facts.lower()
        titles = {cite.title for one in DOCUMENTS.values() for cite in one.citations if cite.title}
        assert {title for title in titles if title.lower() not in plain} == set()

    @pytest.mark.shared
    def test_every_quote_stands_there(self, facts: str) -> None:
        quotes = {
            quote
            for document in DOCUMENTS.values()
            for text in texts(document)
            for quote in re.findall("“([^”]*)”", text)
        }
        assert quotes
        assert {quote for quote in quotes if quote not in facts} == set()


class TestPledges:
    @pytest.mark.parametrize(
        ("on", "kind"),
        [
            (date(2020, 6, 12), EventKind.ACTIVE),
            (date(2021, 5, 17), EventKind.ACTIVE),
            (date(2021, 5, 31), EventKind.EXTENDED),
            (date(2021, 6, 11), EventKind.EXTENDED),
            (date(2022, 5, 30), EventKind.EXTENDED),
            (date(2022, 6, 1), EventKind.NARROWED),
            (READ, EventKind.NARROWED),
        ],
    )
    def test_amazon_pauses_extends_and_narrows(self, on: date, kind: EventKind) -> None:
        status = pledges.status_on(company("amazon").pledges[0], on)
        assert status is not None
        assert status.kind is kind
        assert status.in_force

    def test_amazon_has_three_versions_of_terms(self) -> None:
        [pledge] = company("amazon").pledges
        assert [str(terms.since) for terms in pledge.terms] == [
            "2020-06-10", "2021-05-18", "by 2022-spring",
        ]  # fmt: skip
        assert pledges.expires_on(pledge, date(2020, 6, 12)) == date(2021, 6, 10)
        assert pledges.expires_on(pledge, date(2021, 6, 11)) is None

    def test_amazon_would_have_expired_had_it_not_been_extended(self) -> None:
        [pledge] = company("amazon").pledges
        alone = record.Pledge(
            **{
                **{field.name: getattr(pledge, field.name) for field in fields(pledge)},
                "terms": pledge.terms[:1],
                "events": pledge.events[:1],
            }
        )
        status = pledges.status_on(alone, date(2021, 6, 11))
        assert status is not None
        assert status.kind is EventKind.EXPIRED

    @pytest.mark.parametrize(
        ("key", "on", "kind"),
        [
            ("ibm", date(2020, 6, 12), EventKind.ACTIVE),
            ("ibm", date(2023, 8, 30), EventKind.ACTIVE),
            ("ibm", READ, EventKind.DISPUTED),
            ("microsoft", date(2020, 6, 12), EventKind.ACTIVE),
            ("microsoft", READ, EventKind.ACTIVE),
        ],
    )
    def test_ibm_is_disputed_and_microsoft_active(
        self, key: str, on: date, kind: EventKind
    ) -> None:
        status = pledges.status_on(company(key).pledges[0], on)
        assert status is not None
        assert status.kind is kind

    def test_microsoft_waits_for_a_national_law_and_names_none(self) -> None:
        for terms in company("microsoft").pledges[0].terms:
            assert terms.duration.span is record.Span.CONDITION
            assert "us-116-hr-7356" in terms.duration.bills
            assert "no bill is named" in terms.duration.condition
            assert {bill(key).jurisdiction for key in terms.duration.bills} == {"us"}

    @pytest.mark.parametrize(
        ("key", "news"),
        [
            ("amazon", "Sheriff's office still pays for Rekognition"),
            ("amazon", "ICE asked Amazon for facial-recognition"),
            ("amazon", "Amazon extends its moratorium"),
            ("microsoft", "Police contract for Microsoft"),
            ("microsoft", "FBI tries Azure Face"),
            ("ibm", "Home Office signs biometrics deal with IBM"),
            ("axon", "Axon body cameras match faces"),
            ("meta", "Meta plans Name Tag for smart glasses"),
        ],
    )
    def test_news_about_a_pledge_holds_a_word_of_its_subject(self, key: str, news: str) -> None:
        [pledge] = company(key).pledges
        assert any(fold(word) in fold(news) for word in pledge.subject)

    @pytest.mark.parametrize(
        ("key", "news"),
        [
            ("amazon", "Amazon cuts the price of a thousand items"),
            ("microsoft", "Microsoft earnings beat expectations as Azure grows"),
            ("ibm", "IBM sells mainframes at a higher price"),
        ],
    )
    def test_other_news_holds_none(self, key: str, news: str) -> None:
        [pledge] = company(key).pledges
        assert not any(fold(word) in fold(news) for word in pledge.subject)

    @pytest.mark.parametrize(
        ("key", "answers"),
        [
            ("ibm", "yes yes yes yes yes yes unstated"),
            ("amazon", "yes unstated unstated unstated unstated no unstated"),
            ("microsoft", "yes unstated unstated unstated no no unstated"),
        ],
    )
    @pytest.mark.parametrize("on", [date(2020, 6, 12), date(2021, 6, 11), date(2024, 6, 1), READ])
    def test_answers_for_each_audience(self, key: str, answers: str, on: date) -> None:
        [pledge] = company(key).pledges
        rows = [pledges.covers(pledge, audience, on) for audience in Audience]
        assert [row.answer for row in rows if row] == [Answer(word) for word in answers.split()]

    def test_ibm_is_disputed_for_immigration_and_police_abroad_since_the_uk_contract(self) -> None:
        [pledge] = company("ibm").pledges
        disputed = {
            on: {audience for audience in Audience if _row(pledge, audience, on).disputed}
            for on in (date(2020, 6, 12), READ)
        }
        assert disputed == {
            date(2020, 6, 12): set(),
            READ: {Audience.IMMIGRATION, Audience.FOREIGN_POLICE},
        }

    def test_terms_of_june_2020_name_nothing_that_came_later(self) -> None:
        for key in ("ibm", "amazon", "microsoft"):
            first = company(key).pledges[0].terms[0]
            said = " ".join([*first.exemptions, *(row.words for row in first.coverage)])
            assert not re.search(r"202[1-9]", said)

    def test_who_had_no_pledge_in_june_2020(self) -> None:
        without = {one.key for one in pledges.without_pledge(COMPANIES.values(), date(2020, 6, 12))}
        assert {"nec", "idemia", "clearview-ai"} <= without
        assert without.isdisjoint({"ibm", "amazon", "microsoft"})
        for key in ("nec", "idemia", "clearview-ai"):
            assert company(key).no_pledge

    @pytest.mark.parametrize(
        ("key", "words"),
        [
            ("amazon", "28 members of Congress"),
            ("amazon", "189 algorithms"),
            ("amazon", "police partnerships"),
            ("amazon", "More than 100 staff sign"),
            ("amazon", "Shareholders vote down"),
            ("amazon", "Project Tyr"),
            ("microsoft", "MS Celeb"),
            ("microsoft", "AnyVision"),
            ("microsoft", "pitched to the DEA"),
            ("microsoft", "56% of US adults"),
            ("microsoft", "some 65 civil-rights organizations"),
            ("ibm", "Home Office contract"),
            ("nec", "Mobile Fortify"),
            ("idemia", "three police forces"),
            ("clearview-ai", "files suit in Cook County"),
        ],
    )
    def test_evidence_that_belongs_to_the_record_is_there(self, key: str, words: str) -> None:
        assert any(words in one.text for one in company(key).evidence)

    def test_communities_are_heard_beside_each_of_the_three(self) -> None:
        for key in ("ibm", "amazon", "microsoft"):
            assert len(company(key).pledges[0].communities) >= 4


class TestNames:
    def test_amazon_needs_a_word_about_faces(self) -> None:
        amazon = company("amazon")
        assert "Rekognition" in amazon.aliases
        assert {"Amazon", "Ring"} <= set(amazon.ambiguous)
        assert {"police", "moratorium", "surveillance"}.isdisjoint(amazon.context)

    def test_microsoft_and_ibm_may_have_broader_words(self) -> None:
        for key in ("microsoft", "ibm"):
            assert {"facial recognition", "police", "surveillance"} <= set(company(key).context)
            assert company(key).name in company(key).ambiguous

    @pytest.mark.parametrize("key", ["microsoft", "nec", "meta", "google", "axon", "amazon"])
    def test_names_that_mean_other_things_need_context(self, key: str) -> None:
        assert company(key).name in company(key).ambiguous

    @pytest.mark.parametrize("key", ["idemia", "clearview-ai"])
    def test_names_of_one_company_alone_need_none(self, key: str) -> None:
        assert company(key).name in company(key).aliases


class TestBills:
    def test_watched_bills_have_a_number_and_context(self) -> None:
        watched = {one.key for one in BILLS.values() if one.watched}
        assert watched == {
            "ca-ab-2261", "wa-sb-6280", "us-116-hr-7356", "us-116-s-4084", "us-117-hr-3907",
            "us-117-s-2052", "us-118-hr-1404", "us-118-s-681", "us-119-hr-4695", "us-119-hr-7363",
        }  # fmt: skip
        assert all(bill(key).number and bill(key).context for key in watched)

    def test_moratorium_act_is_followed_from_congress_to_congress(self) -> None:
        chain = ["us-118-hr-1404"]
        while before := bill(chain[-1]).succeeds:
            chain.append(before)
        assert chain == ["us-118-hr-1404", "us-117-hr-3907", "us-116-hr-7356"]
        assert [bill(key).session for key in chain] == ["118", "117", "116"]

    @pytest.mark.parametrize(
        ("key", "answer"),
        [
            ("us-116-hr-7356", Answer.NO),
            ("us-117-s-2052", Answer.NO),
            ("wa-sb-6280", Answer.UNSTATED),
            ("ca-ab-2261", Answer.UNSTATED),
        ],
    )
    def test_whether_it_overrules_stricter_local_law(self, key: str, answer: Answer) -> None:
        assert bill(key).overrules_local is answer

    def test_microsoft_stands_on_both_state_bills(self) -> None:
        stances = {
            key: {
                position.stance.value
                for position in bill(key).positions
                if position.company == "microsoft"
            }
            for key in ("ca-ab-2261", "wa-sb-6280")
        }
        assert stances == {
            "ca-ab-2261": {"supports"},
            "wa-sb-6280": {"wrote", "supports", "employs the sponsor"},
        }

    def test_rollbacks_and_expiries_are_marked(self) -> None:
        marked = {
            one.key
            for one in BILLS.values()
            if any(step.text.startswith(("ROLLBACK", "EXPIRED")) for step in one.steps)
        }
        assert marked == {
            "new-orleans-la", "va-hb-2031", "va-sb-741", "ca-ab-1215", "baltimore-md",
        }  # fmt: skip

    def test_the_ban_campaign_grows(self) -> None:
        said = " ".join(step.text for step in coalition("ban-facial-recognition").steps)
        assert [said.index(number) for number in ("30", "40", "41")] == sorted(
            said.index(number) for number in ("30", "40", "41")
        )


def _row(pledge: record.Pledge, audience: Audience, on: date) -> record.Coverage:
    row = pledges.covers(pledge, audience, on)
    assert row is not None
    return row


SOURCE = {"key": "paper", "outlet": "Paper", "url": "https://example.org/a", "retrieved_on": READ}
SOUND: dict[str, dict[str, Any]] = {
    "companies/acme.toml": {
        "key": "acme",
        "name": "Acme",
        "ambiguous": ["Acme"],
        "context": ["faces"],
        "pledges": [
            {
                "key": "acme-2020",
                "title": "No sales",
                "technology": "facial recognition",
                "subject": ["faces", "police"],
                "announced_on": "2020-06-10",
                "announced_by": "Acme",
                "promise": "No sales.",
                "sources": ["paper"],
                "communities": [{"claim": "Too little.", "sources": ["paper"]}],
                "events": [
                    {
                        "kind": "announced",
                        "on": "2020-06-10",
                        "text": "Said so.",
                        "sources": ["paper"],
                    },
                    {
                        "kind": "extended",
                        "on": "2021-05",
                        "text": "Said so again.",
                        "sources": ["paper"],
                    },
                ],
                "terms": [
                    {
                        "since": since,
                        "action": "sells none",
                        "products": "all",
                        "geography": "unstated",
                        "framing": "ethics",
                        "sources": ["paper"],
                        "duration": {"span": "unstated"},
                        "coverage": [
                            {
                                "audience": one.value,
                                "answer": "yes",
                                "words": "“all”",
                                "sources": ["paper"],
                            }
                            for one in Audience
                        ],
                    }
                    for since in ("2020-06-10", "2021-05-18")
                ],
            }
        ],
        "evidence": [
            {
                "on": "2021",
                "kind": "news",
                "bearing": "context",
                "text": "Sold some.",
                "pledge": "acme-2020",
                "bill": "wa-sb-1",
                "sources": ["paper"],
            }
        ],
        "conflicts": [
            {
                "about": "How many",
                "sides": [
                    {"claim": "One.", "sources": ["paper"]},
                    {"claim": "Two.", "sources": ["paper"]},
                ],
            }
        ],
        "citations": [SOURCE],
    },
    "companies/bolt.toml": {
        "key": "bolt",
        "name": "Bolt Ltd",
        "aliases": ["Bolt Ltd"],
        "no_pledge": "It made none.",
        "no_pledge_sources": ["paper"],
        "citations": [SOURCE],
    },
    "bills/wa-sb-1.toml": {
        "key": "wa-sb-1",
        "jurisdiction": "wa",
        "place": "Washington",
        "number": "SB 1",
        "title": "Faces",
        "summary": "About faces.",
        "overrules_local": "no",
        "overrules_local_sources": ["paper"],
        "steps": [
            {"on": "2020-01", "text": "Introduced.", "sources": ["paper"]},
            {"on": "2020-02-01", "text": "Passed.", "sources": ["paper"]},
        ],
        "positions": [
            {
                "who": "Acme",
                "stance": "supports",
                "voice": "company",
                "company": "acme",
                "sources": ["paper"],
            }
        ],
        "citations": [SOURCE],
    },
    "coalitions/many.toml": {
        "key": "many",
        "name": "Many",
        "demand": "No faces.",
        "companies": ["acme"],
        "steps": [{"on": "2020", "text": "Formed.", "sources": ["paper"]}],
        "citations": [SOURCE],
    },
}
SHAPES: Mapping[str, type[Any]] = {
    "companies": Company,
    "bills": RecordedBill,
    "coalitions": Coalition,
}


def faults_of(documents: Mapping[str, dict[str, Any]]) -> list[str]:
    converter = codec.make_converter()
    read: dict[str, dict[str, Any]] = {folder: {} for folder in SHAPES}
    for name, data in documents.items():
        folder = name.partition("/")[0]
        read[folder][name] = codec.structure(converter, data, SHAPES[folder])
    return record_check.check(read["companies"], read["bills"], read["coalitions"])


def changed(path: str, value: object) -> dict[str, dict[str, Any]]:
    """The sound record with one thing changed; None takes it away."""
    documents = deepcopy(SOUND)
    name, *steps = path.split(" ")
    place: Any = documents[name]
    for step in steps[:-1]:
        place = place[int(step) if step.isdigit() else step]
    last: Any = int(steps[-1]) if steps[-1].isdigit() else steps[-1]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return documents


ACME, BOLT, BILL, MANY = SOUND
PLEDGE = f"{ACME} pledges 0"
TERMS = f"{PLEDGE} terms 0"
FAULTY: list[tuple[str, object, str]] = [
    (f"{BOLT} key", "acme", "acme: also a key in companies/acme.toml"),
    (f"{MANY} key", "acme-2020", "acme-2020: also a key in companies/acme.toml"),
    (f"{BOLT} key", "nut", "key: 'nut' is not the name of the file, 'bolt'"),
    (f"{PLEDGE} sources", ["rumour"], "pledges[0].sources: 'rumour' is not among the citations"),
    (f"{BOLT} no_pledge_sources", ["rumour"], "no_pledge_sources: 'rumour' is not among"),
    (f"{BOLT} no_pledge_sources", None, "no_pledge_sources: names no source"),
    (f"{PLEDGE} events 0 sources", [], "pledges[0].events[0].sources: names no source"),
    (f"{TERMS} coverage 0 sources", None, "terms[0].coverage[0].sources: names no source"),
    (f"{BILL} steps 0 sources", [], "steps[0].sources: names no source"),
    (f"{BILL} overrules_local_sources", None, "overrules_local_sources: names no source"),
    (f"{BOLT} citations", [SOURCE, SOURCE], "citations: 'paper' occurs 2 times"),
    (f"{BOLT} citations", [SOURCE, {**SOURCE, "key": "idle"}], "'idle' is used by no fact"),
    (f"{BOLT} citations 0 url", "ftp://example.org/a", "citations[0].url: 'ftp://example.org/a'"),
    (f"{BOLT} citations 0 url", "https://exa mple.org", "is no http or https address"),
    (f"{BOLT} citations 0 archive_url", "archive", "citations[0].archive_url: 'archive'"),
    (f"{BOLT} citations 0 retrieved_on", None, "citations[0].retrieved_on: is missing"),
    (f"{BOLT} citations 0 outlet", " ", "citations[0].outlet: is empty"),
    (f"{TERMS} coverage 6", None, "coverage: 'resellers' occurs 0 times, not once"),
    (f"{TERMS} coverage 6 audience", "military", "coverage: 'military' occurs 2 times"),
    (f"{TERMS} since", "2020-06-09", "terms: one is older than the announcement, 2020-06-10"),
    (f"{TERMS} since", "2022", "pledges[0].terms: not in the order of their dates"),
    (f"{PLEDGE} terms", [], "pledges[0].terms: there is none"),
    (f"{PLEDGE} events", [], "pledges[0].events: there is none"),
    (f"{PLEDGE} events 0 on", "2020-05", "events: one is older than the announcement"),
    (f"{PLEDGE} events 0 on", "2021-06", "pledges[0].events: not in the order of their dates"),
    (f"{BILL} steps 0 on", "2020", "steps: not in the order of their dates"),
    (f"{TERMS} duration", {"span": "until a day"}, "duration.expires_on: goes with 'until a day'"),
    (
        f"{TERMS} duration",
        {"span": "no end", "expires_on": READ},
        "duration.expires_on: goes with 'until a day'",
    ),
    (f"{TERMS} duration", {"span": "until a condition is met"}, "duration.condition: goes with"),
    (f"{TERMS} duration", {"span": "no end", "condition": "a law"}, "duration.condition: goes"),
    (f"{TERMS} duration", {"span": "no end", "bills": ["wa-sb-1"]}, "duration.bills: go with"),
    (
        f"{TERMS} duration",
        {"span": "until a condition is met", "condition": "a law", "bills": ["wa-sb-2"]},
        "duration.bills: 'wa-sb-2' is not in the record",
    ),
    (f"{ACME} evidence 0 pledge", "acme-1", "evidence[0].pledge: 'acme-1' is not in the record"),
    (f"{ACME} evidence 0 bill", "wa-sb-2", "evidence[0].bill: 'wa-sb-2' is not in the record"),
    (f"{BILL} succeeds", "wa-sb-2", "succeeds: 'wa-sb-2' is not in the record"),
    (f"{BILL} positions 0 company", "zeta", "positions[0].company: 'zeta' is not in the record"),
    (f"{MANY} companies", ["zeta"], "companies: 'zeta' is not in the record"),
    (f"{PLEDGE} promise", "  ", "pledges[0].promise: is empty"),
    (f"{MANY} demand", "", "demand: is empty"),
    (f"{BOLT} no_pledge", " ", "no_pledge: is empty"),
    (f"{PLEDGE} leaves_out", ["The army.", ""], "leaves_out: holds an empty text"),
    (f"{PLEDGE} subject", None, "pledges[0].subject: names no word that tells news"),
    (f"{PLEDGE} subject", ["faces", " "], "pledges[0].subject: holds an empty text"),
    (f"{PLEDGE} subject", ["–"], "pledges[0].subject: '–' has no letter or digit to look for"),
    (f"{PLEDGE} subject", ["Face-Id", "face id"], "subject: 'face id' occurs 2 times"),
    (f"{BILL} steps 0 kind", "signed", "steps[0].kind: 'signed' is no word that Open States has"),
    (f"{PLEDGE} events 1 on", "2027", "events[1].on: 2027 is after the sources were read"),
    (f"{BILL} steps 1 on", "2026-12", "steps[1].on: 2026-12 is after the sources were read"),
    (f"{BOLT} citations 0 on", "2026-11-23", "citations[0].on: 2026-11-23 is after"),
    (f"{ACME} conflicts 0 sides 1", None, "conflicts[0].sides: a conflict has at least two"),
    (f"{BOLT} no_pledge", None, "no_pledge: a company has either pledges or the words"),
    (f"{ACME} no_pledge", "None.", "no_pledge: a company has either pledges or the words"),
    (f"{BOLT} aliases", [], "name: stands neither under aliases nor under ambiguous"),
    (f"{ACME} aliases", ["Acme"], "ambiguous: 'Acme' is an alias too"),
    (f"{ACME} context", [], "context: ambiguous names need words"),
    (f"{BILL} number", "Bill Nine", "number: 'Bill Nine' is no bill number"),
    (
        f"{TERMS} framing",
        "“one two three four five six seven eight nine”",
        "terms[0].framing: quotes 9 words; at most 8 are allowed",
    ),
    (
        f"{PLEDGE} promise",
        'It said "one two three four five six seven eight nine".',
        "pledges[0].promise: quotes 9 words; at most 8 are allowed",
    ),
]


class TestChecker:
    def test_finds_nothing_in_a_sound_record(self) -> None:
        assert faults_of(SOUND) == []

    @pytest.mark.parametrize(("path", "value", "fault"), FAULTY)
    def test_names_each_fault_with_its_file_and_key(
        self, path: str, value: object, fault: str
    ) -> None:
        found = faults_of(changed(path, value))
        assert any(fault in line for line in found), found
        assert all(re.match(r"\w+/[\w-]+\.toml: \S+: ", line) for line in found)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (
                f"{PLEDGE} promise",
                "“one two three four five six seven eight” and much more outside it",
            ),
            (
                f"{BOLT} citations 0 title",
                'A "headline of more than eight words may stand as it is" here',
            ),
            (f"{BOLT} citations 0 on", "2026"),
            (f"{BILL} number", ""),
            (f"{TERMS} duration", {"span": "until a day", "expires_on": date(2030, 1, 1)}),
            (f"{BOLT} citations 0 url", "http://example.org"),
        ],
    )
    def test_lets_pass_what_is_allowed(self, path: str, value: object) -> None:
        assert faults_of(changed(path, value)) == []

    def test_reports_every_fault_at_once(self) -> None:
        documents = changed(f"{BOLT} key", "nut")
        documents[BILL]["number"] = "Nine"
        documents[MANY]["companies"] = ["zeta"]
        assert len(faults_of(documents)) == 3

    @pytest.mark.parametrize("name", ["acme.toml", "companies/acme.toml"])
    def test_takes_names_with_or_without_a_folder(self, name: str) -> None:
        acme = Company(key="acme", name="Acme", aliases=("Acme",))
        [fault] = record_check.check({name: acme}, {}, {})
        assert fault.startswith(f"{name}: no_pledge: ")
