"""The abstract retold: the line under a clause follows from the ledger, and nothing else."""

import re

import pytest
from accessibility import violations
from critnet_book import ledger, retold

from critnet.paper import strips

PAGE = "book/abstract"


@pytest.fixture(scope="module")
def by_id(root):
    return {claim[0].id: claim for claim in strips.by_claim(ledger.rows(root))}


def judged(by_id, *verdicts, meaning="open"):
    """A claim of two definitions, or of one as coded, with these verdicts."""
    claim = by_id["C05"][: len(verdicts)]
    return [row._replace(verdict=v, meaning=meaning) for row, v in zip(claim, verdicts, strict=True)]


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        (("reproduced", "reproduced"), "holds"),
        (("reproduced",), "holds"),
        (("reproduced", "partly"), "as coded only"),
        (("reproduced", "not reproduced"), "as coded only"),
        (("undecided", "reproduced"), "as control only"),
        (("partly", "not reproduced"), "partly"),
        (("undecided", "undecided"), "undecided"),
        (("undecided", "not reproduced"), "undecided"),
        (("not reproduced", "not reproduced"), "no"),
        (("not judged", "not judged"), "not judged"),
        (("not judged", "reproduced"), "holds"),
    ],
)
def test_how_a_claim_stands_over_its_definitions(by_id, verdicts, word):
    assert retold.standing(judged(by_id, *verdicts)) == word


def test_a_number_without_its_meaning_does_not_hold(by_id):
    assert retold.standing(judged(by_id, "reproduced", "reproduced", meaning="no")) == "number yes, meaning no"
    assert retold.standing(judged(by_id, "not reproduced", "not reproduced", meaning="no")) == "no"


def test_a_row_that_moves_changes_the_line_under_its_clause(by_id):
    held = retold.clause("it swells", ["C05"], by_id | {"C05": judged(by_id, "reproduced", "reproduced")}, "v.html")
    assert '<span class="told told-solid">it swells</span>' in held
    assert '<a href="v.html#c05" title="' in held
    assert ">holds</span>" in held
    spoiled = by_id | {"C05": judged(by_id, "not reproduced", "not reproduced")}
    assert '<span class="told told-struck">it swells</span>' in retold.clause("it swells", ["C05"], spoiled, "v.html")
    assert '<span class="told told-dashed">' in retold.clause("it swells", ["C05", "C14"], spoiled, "v.html")


def test_a_clause_and_its_words_are_escaped(by_id):
    claim = {"C05": [row._replace(claim='a "<b>"') for row in by_id["C05"]]}
    text = retold.clause("x < y", ["C05"], claim, "v.html")
    assert "x &lt; y" in text
    assert 'title="a &quot;&lt;b&gt;&quot;"' in text


def test_an_unknown_claim_is_named(by_id):
    with pytest.raises(ValueError, match="there is no claim C999; claims are C01 to C135"):
        retold.clause("it swells", ["C05", "C999"], by_id, "v.html")


@pytest.mark.parametrize("text", ["it swells", "it swells <>", "<C05>", "it swells <Fig. 1>"])
def test_a_clause_without_claims_is_no_clause(text):
    assert retold.CLAUSE.fullmatch(text) is None


def test_the_legend_counts_the_clauses():
    text = retold.legend(["solid", "dashed", "dashed"])
    assert [int(n) for n in re.findall(r"\((\d) of 3\)", text)] == [1, 2, 0, 0]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_draws_the_lines_that_the_ledger_gives(root, book, visit, by_id, scheme):
    """Style as computed, not by its class; the words behind a clause say the same."""
    source = " ".join((root / f"{PAGE}.md").read_text(encoding="utf-8").split())
    clauses = [retold.CLAUSE.fullmatch(text).groups() for text in re.findall(r"\{told\}`([^`]+)`", source)]
    assert len(clauses) > 10
    wanted = {
        "solid": "underline solid", "dashed": "underline dashed", "struck": "line-through solid", "plain": "none solid",
    }  # fmt: skip
    expected = [
        (text, wanted[retold.line_of(retold.standing(by_id[identity]) for identity in claims.split())])
        for text, claims in clauses
    ]
    with visit(scheme=scheme) as v:
        v.goto(book / f"{PAGE}.html")
        shown = v.page.locator("article p .told").evaluate_all(
            """all => all.map(e => { const style = getComputedStyle(e);
                return [e.textContent, `${style.textDecorationLine} ${style.textDecorationStyle}`]; })"""
        )
        assert [tuple(one) for one in shown] == expected
        for number, (_, claims) in enumerate(clauses):
            said = v.page.locator("article p .told-words").nth(number).inner_text()
            assert sorted(re.findall(r"C\d+", said)) == sorted(claims.split())
            assert all(retold.standing(by_id[identity]) in said for identity in claims.split())
        v.page.emulate_media(media="print")
        assert (
            v.page.locator(".told-solid").first.evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"
        )
        assert violations(v.page) == []
        v.page.emulate_media(media="screen")
        v.page.locator("article p .told-words a").first.click()
        v.page.wait_for_url(re.compile(r"/verdicts\.html#c\d+"))
