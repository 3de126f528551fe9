"""Parts of a page that a file could name: a list, a number and the words of the connection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser

from harness.check.arguments import kept_arguments
from harness.check.mends import mends
from harness.check.page_parts import LOOK, Parts, additions
from harness.check.vocabulary import Mend
from harness.lib.patterns import compiled
from harness.model import Hop
from harness.record.evidence import Evidence
from harness.record.identity import Envelope
from harness.taps.page import PageSpec, RowSpec
from tests.support.browsers import browser
from tests.support.paper_pages import TASK
from tests.support.records import at
from tests.target.test_other_words import BARE, SERVER_AND_PAGE, known_as, told

__all__ = ["browser"]

TITLES = ("tidy the notes", "write a letter", "water the plants", "feed the cat", "call the bank", "buy bread", "rest")
ROWS = [f"10:04 {name}: {TITLES[place]}" for place, name in enumerate(TASK)]


def evidence(name: str | None = None) -> Evidence:
    story, payloads = told(), dict[str, Any]()
    for place in range(len(TASK)):
        payloads[f"d-{place}"] = {"title": TITLES[place]}
        for hop in Hop:
            changed = {"digest": f"d-{place}"} | ({} if name is None else {"name": name})
            story.change(at(hop, f"main/{place + 1}"), known_as(**changed))
    return Evidence(replace(story.ledger(), payloads=payloads))


def found(words: dict[str, str], lists: dict[str, list[str]], name: str | None = None) -> dict[str, Mend]:
    page = replace(BARE, page=PageSpec())
    known = additions(page, evidence(name), "A", Parts(lists, words))
    return {each.key[-1]: each for each in known}


@pytest.mark.parametrize("rows", [ROWS, ROWS[::-1]], ids=["oldest first", "newest first"])
def test_the_list_that_shows_each_event_is_found_with_the_pattern_of_its_names(rows: list[str]) -> None:
    said = found({}, {"nav > a": ["home"] * len(TASK), "#log > li": rows})["list"].value
    assert said["selector"] == "#log > li"
    assert [match["name"] for row in ROWS if (match := compiled(said["pattern"]).search(row))] == [*TASK]


def test_a_text_whose_lines_are_the_events_is_a_list_where_no_other_is() -> None:
    page, seen = replace(BARE, page=PageSpec()), evidence()
    as_text = [
        each.value for each in additions(page, seen, "A", Parts({}, {}, {"#log": ROWS})) if each.key[-1] == "list"
    ]
    assert (as_text[0]["selector"], as_text[0]["lines"]) == ("#log", True)
    both = [*additions(page, seen, "A", Parts({"ul > li": ROWS}, {}, {"#log": ROWS}))]
    assert [each.value.get("lines") for each in both if each.key[-1] == "list"] == [None]


def test_items_of_one_name_need_not_say_it() -> None:
    assert found({}, {"ul > li": [*TITLES[: len(TASK)]]}, name="tick")["list"].value == {
        "selector": "ul > li",
        "called": "tick",
        "says": ["title"],
    }


def said(rows: list[str], data: list[Any], says: tuple[str, ...] = ()) -> list[Any]:
    """What would be added to a list of one name, as the file has it already, whose last view shows such rows."""
    story, row = told(), RowSpec("li", constant="tick")
    for place in range(len(TASK)):
        for hop in Hop:
            story.change(at(hop, f"main/{place + 1}"), known_as(digest=f"d-{place}", name="tick"))
    story.shows("A", rows=[f"main/{place + 1}" for place in range(len(rows))], texts=rows)
    seen = Evidence(replace(story.ledger(), payloads={f"d-{place}": each for place, each in enumerate(data)}))
    target = replace(BARE, page=PageSpec(row=row), row_says=says)
    return [each.value for each in additions(target, seen, "A", Parts({}, {})) if each.key == ("page", "list", "says")]


def test_what_all_items_of_a_list_show_of_their_events_is_told() -> None:
    data = [
        {"title": title, "kind": "task", "hidden": f"no {title} seen", "n": 40 + n} for n, title in enumerate(TITLES)
    ]
    rows = [f"{each['n']}: {each['title']} task" for each in data]
    assert said(rows, data) == [["title", "n"]], "what is the same in all of them tells nothing"
    assert said(rows, data, says=("title",)) == [], "the file says it"
    assert said(["an empty row", *rows[1:]], data) == []
    assert said([f"Ada: {title}" for title in TITLES], [*TITLES]) == [["text"]], "of data that are a text"


def test_what_a_list_says_is_added_with_it() -> None:
    assert found({}, {"#log > li": ROWS})["list"].value["says"] == ["title"]


@pytest.mark.parametrize(
    "rows",
    [ROWS[:-1], [*ROWS, "one more"], ["nothing of them"] * len(TASK), [ROWS[1], ROWS[0], *ROWS[2:]]],
    ids=["too few", "too many", "other texts", "out of order"],
)
def test_other_lists_are_left(rows: list[str]) -> None:
    assert "list" not in found({}, {"ul > li": rows})


def test_the_one_number_that_counts_the_events_is_found() -> None:
    count = str(len(TASK))
    assert found({"#n": count, "#other": "99"}, {})["count"].value == {"selector": "#n"}
    assert "count" not in found({"#n": count, "#also": count}, {}), "there are two of them"
    assert "count" not in found({"#n": "0"}, {})


def test_the_one_word_of_the_connection_is_found_and_plain_ones_come_after() -> None:
    assert found({"#s": "live", ".state": "open"}, {})["connection"].value == {"selector": "#s", "connected": "live"}
    assert found({"#s": "Ready"}, {})["connection"].value["selector"] == "#s"
    assert "connection" not in found({"#s": "live", "#t": "online"}, {})
    assert "connection" not in found({"#s": "Live music tonight"}, {})


def test_nothing_is_sure_and_what_the_file_says_is_left() -> None:
    assert not [each for each in found({"#s": "live"}, {"ul > li": ROWS}).values() if each.sure]
    assert "#" in LOOK and "innerHTML" not in LOOK


def with_arguments(before: list[Any], after: list[Any]) -> list[Mend]:
    story, payloads = told().drop(at(Hop.EMITTED)), dict[str, Any]()
    for seq, (sent, made) in enumerate(zip(before, after, strict=True), start=1):
        payloads |= {f"sent-{seq}": sent, f"made-{seq}": made}
        for hop in (Hop.SENT, Hop.RECEIVED):
            story.change(at(hop, f"main/{seq}"), known_as(name="bid", digest=f"sent-{seq}"))
        for hop in SERVER_AND_PAGE:
            story.change(at(hop, f"main/{seq}"), known_as(name="bid", digest=f"made-{seq}"))
    ledger = replace(story.ledger(), payloads=payloads)
    ledger = replace(ledger, contract=replace(ledger.contract, taps=tuple(hop for hop in Hop if hop > Hop.EMITTED)))
    return [*kept_arguments(BARE, Evidence(ledger))]


BIDS = [["vase", f"bidder {n}", n * 100] for n in range(1, len(TASK) + 1)]


def test_arguments_that_outlive_the_server_are_found_in_another_place() -> None:
    made = [[lot, {"by": who, "amount": much, "n": place}] for place, (lot, who, much) in enumerate(BIDS)]
    sent, received = with_arguments(BIDS, made)
    assert sent.value == {"argument-0": "args.0", "by": "args.1", "amount": "args.2"}
    assert received.value == {"argument-0": "args.0", "by": "args.1.by", "amount": "args.1.amount"}


def test_arguments_that_are_others_are_left() -> None:
    assert with_arguments(BIDS, [[{"by": f"not {who}"}, place] for place, (_, who, _) in enumerate(BIDS)]) == []


def test_one_name_for_another_is_told_where_each_holds_what_the_other_says() -> None:
    def named(data: list[Any]) -> dict[str, Mend]:
        story, payloads = told().drop(at(Hop.EMITTED)), dict[str, Any]()
        for seq, bid in enumerate(BIDS, start=1):
            payloads |= {f"sent-{seq}": bid, f"made-{seq}": data[seq - 1]}
            for hop in (Hop.SENT, Hop.RECEIVED):
                story.change(at(hop, f"main/{seq}"), known_as(name="bid", digest=f"sent-{seq}"))
            for hop in SERVER_AND_PAGE:
                other = {"key": f"main/lot~{seq}", "name": "lot", "digest": f"made-{seq}"}
                story.change(at(hop, f"main/{seq}"), known_as(**other))
        ledger = replace(story.ledger(), payloads=payloads)
        taps = tuple(hop for hop in Hop if hop > Hop.EMITTED)
        ledger = replace(ledger, contract=replace(ledger.contract, taps=taps))
        return {".".join(each.key): each for each in mends(BARE, ledger, Evidence(ledger))}

    assert named([[{"by": who}] for _, who, _ in BIDS])["events.names"].value == {"lot": "bid"}
    assert "events.names" not in named([[{"by": "nobody"}] for _ in BIDS])


def test_ids_in_the_json_of_the_lines_are_found() -> None:
    def ids(**changed: Any) -> dict[str, Any]:
        story, payloads = told(), dict[str, Any]()
        for seq in range(1, len(TASK) + 1):
            payloads[f"said-{seq}"] = {"run": "main", "n": seq, "item": "tea"} | changed
            story.change(at(Hop.EMITTED, f"main/{seq}"), known_as(digest=f"said-{seq}"))
        ledger = replace(story.ledger(), payloads=payloads)
        return {".".join(each.key): each.value for each in mends(target, ledger, Evidence(ledger))}

    target = replace(BARE, output=replace(BARE.output, fields=Envelope(None, None, None, None, "")))
    found_ids = ids()
    assert (found_ids["cli.output.fields.session"], found_ids["cli.output.fields.seq"]) == ("run", "n")
    assert "cli.output.fields.seq" not in ids(n=1), "it does not count"


PAGE = """<body><header><b class="dot on">live</b> <i hidden>offline</i></header><p id=n>2</p>
<ul class="feed wide"><li class="row new">placed tea</li><li class="row">paid <b>tea</b></li></ul>
<table><tbody><tr><td>a</td></tr></tbody></table><pre id=log>
 placed tea
paid  tea
</pre><p class=br>one<br>two</p><textarea>a
b</textarea><p>one line</p></body>"""


def test_a_page_is_looked_at_for_lists_and_short_texts(browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.set_content(PAGE)
        parts = Parts.of(page.evaluate(LOOK))
        assert parts.lists["ul.feed.wide > li.row"] == ["placed tea", "paid tea"]
        assert (parts.words["b.dot.on"], parts.words["#n"]) == ("live", "2")
        assert "offline" not in parts.words.values(), "it is not visible"
        logs = {"#log": ["placed tea", "paid  tea"], "p.br": ["one", "two"], "textarea": ["a", "b"]}
        assert parts.logs == logs
        for selector, texts in parts.lists.items():
            assert page.locator(selector).count() == len(texts)
        assert all(page.locator(selector).count() == 1 for selector in parts.words)
    finally:
        page.close()
