"""The pages over a fake hub: what they say, what they keep, what they escape."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from tests.web.fake_hub import URL, FakeHub, answer
from tests.web.visitor import visiting

from oncommons.client.connection import Connection
from oncommons.client.inside import Inside
from oncommons.client.transport import Request, Transport
from oncommons.schema.answer import exact
from oncommons.schema.dictionary import dictionary_to_json
from oncommons.schema.errors import StorageFull
from oncommons.schema.labels import LabelSet
from oncommons.schema.parsing import parse_question
from oncommons.web.app import make_pages

PATHS = (
    "/",
    "/ask",
    "/ask?person.sex=F&series.modality=MR&do=ask",
    "/ask?count=series&series.modality=CT&by=sex&by=modality&do=ask",
    "/ask?person.age.from=abc",
    "/datasets",
    "/datasets?q=breast",
    "/datasets/athens/breast_00",
    "/nodes",
    "/dictionary",
    "/about",
    "/audit",
    "/sign-in",
    "/permit",
    "/help/errors",
    "/help/errors/E103",
    "/nowhere",
)
WOMEN, OLD = {"field": "sex", "in": ["F"]}, {"field": "age", "between": [40, None]}
EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def hub():
    return FakeHub()


@pytest.fixture
def pages(hub):
    with visiting(make_pages(hub.connection(), "0.1.0")) as client:
        yield client


def text(page) -> str:
    """The words of a page, as somebody reads them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_style_a_script_or_another_host_in_it(pages, path):
    page = pages.get(path).text
    assert "<style" not in page
    assert not re.search(r"\sstyle\s*=", page)
    assert not re.search(r"<[^>]+\son\w+\s*=", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    assert not re.findall(r'(?:src|action|srcset)="(?:https?:)?//', page)
    assert not re.findall(r'<link[^>]+href="(?:https?:)?//', page)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_one_heading_of_the_first_order_and_unique_names(pages, path):
    page = pages.get(path).text
    assert len(re.findall(r"<h1\b", page)) == 1
    names = re.findall(r'\sid="([^"]*)"', page)
    assert sorted(names) == sorted(set(names))
    for name in re.findall(r'(?:\sfor|aria-labelledby)="([^" ]+)', page):
        assert name in names


def test_home_tells_what_there_is_and_how_exact(pages):
    page = pages.get("/")
    assert page.status_code == 200
    assert "What does this federation hold now?" in text(page)
    assert "3 of 5 nodes online" in text(page) or "of 5" in text(page)
    assert "A person who is in two datasets is a row of each" in text(page)
    assert 'class="count rounded"' in page.text
    assert "/ask?count=person&amp;person.sex=F" in page.text
    assert "People by modality" in page.text


def test_home_of_an_empty_federation(pages, hub):
    hub.cards, hub.nodes = [], []
    page = pages.get("/")
    assert page.status_code == 200
    assert "No node has joined yet" in text(page)
    for path in PATHS:
        assert pages.get(path).status_code < 500


def test_asking_shows_the_answer_and_who_is_missing(pages, hub):
    page = pages.get("/ask?person.sex=F&series.modality=MR&do=ask")
    assert page.status_code == 200
    assert len(hub.asked) == 1
    assert "Not in these numbers: 2 of 5 nodes" in text(page)
    assert "cork ○ silent – Did not fetch the question" in text(page)
    assert 'href="/help/errors/E203"' in page.text
    assert "people at 3 of 5 nodes" in text(page)
    assert "Certain people are known to fulfil the question" in text(page)


def test_showing_a_question_asks_nobody(pages, hub):
    page = pages.get("/ask?person.sex=F&do=show")
    assert hub.asked == []
    assert "Count people where sex is F, by dataset." in text(page)
    assert "{&#34;field&#34;: &#34;sex&#34;, &#34;in&#34;: [&#34;F&#34;]}" in page.text
    assert re.search(r'value="F" checked', page.text)


def test_an_unknown_criterion_is_told_above_the_table(pages):
    page = text(pages.get("/ask?series.manufacturer=SIEMENS&do=ask"))
    assert "Not known everywhere" in page
    assert "manufacturer is SIEMENS: unknown in 36 datasets" in page


def test_groups_have_a_figure_and_a_table(pages):
    page = text(pages.get("/ask?count=series&by=sex&by=modality&do=ask"))
    assert "Series by sex and modality" in page
    assert "F · female" in page
    assert "bologna" in page
    assert "late" in page
    assert "It said:" in page


def test_an_answer_can_be_looked_at_again(pages, hub):
    pages.get("/ask?person.sex=F&do=ask")
    (name,) = hub.kept
    page = pages.get(f"/answers/{name}")
    assert page.status_code == 200
    assert "Count people where sex is F, by dataset." in text(page)
    assert "Change it, or ask again" in text(page)
    assert pages.get("/answers/other").status_code == 404


def test_a_question_as_json_fills_the_form(pages, hub):
    page = pages.get(
        "/ask", params={"question": '{"count": "study", "where": {"field": "sex", "in": ["M"]}}', "do": "ask"}
    )
    assert hub.asked == [{"count": "study", "where": {"field": "sex", "in": ["M"]}}]
    assert re.search(r'value="M" checked', page.text)
    assert '<option value="study" selected>' in page.text


def test_a_wrong_value_is_told_at_the_top_and_kept(pages, hub):
    page = pages.get("/ask?person.age.from=abc&series.modality=MR&do=ask")
    assert page.status_code == 422
    assert hub.asked == []
    assert '"abc" is not a whole number that age could hold.' in text(page)
    assert "where.all[0].between[0]" in page.text
    assert 'href="/help/errors/E103"' in page.text
    assert 'href="#person.age.from"' in page.text
    assert 'value="abc" inputmode="numeric" size="5" autocomplete="off" aria-invalid="true"' in page.text
    assert page.text.index('id="fault"') < page.text.index('id="builder"')


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("question={", 422, "E101"),
        ("person.shoe=42", 422, "E101"),
        ("by=modality", 422, "E104"),
        ("count=patients", 422, "E102"),
        ("deadline=soon", 400, "E405"),
        ('question={"count":"person"}&person.sex=F', 422, "E101"),
    ],
)
def test_every_fault_of_a_question_is_a_page_with_its_code(pages, query, status, code):
    page = pages.get(f"/ask?{query}&do=ask")
    assert page.status_code == status
    assert f"/help/errors/{code}" in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"question": EVIL},
        {"question": f'{{"count": "person", "x": "{EVIL[2:]}"}}'},
        {"person.age.from": EVIL},
        {"condition.code": EVIL},
        {"deadline": EVIL},
        {"count": EVIL},
        {EVIL: "x"},
    ],
)
def test_what_is_typed_is_never_markup(pages, query):
    page = pages.get("/ask", params={**query, "do": "ask"})
    assert page.status_code in {400, 422}
    assert "<script>alert" not in page.text


def test_what_nodes_and_hub_say_is_never_markup(pages, hub):
    hub.name = EVIL
    node, card = hub.cards[0]
    evil = replace(card, dataset=EVIL, title=EVIL, about=EVIL, licence=EVIL, source=EVIL, policy=EVIL)
    hub.cards[0] = (node, replace(evil, codes={**card.codes, "body_part": {EVIL: card.records["person"]}}))
    hub.nodes[0] = replace(hub.nodes[0], version=EVIL, last_seen=EVIL, joined=EVIL)
    for path in (*PATHS, f"/datasets/{node}/{EVIL}", f"/datasets?q={EVIL}", f"/{EVIL}", f"/help/errors/{EVIL}"):
        page = pages.get(path)
        assert "<script>alert" not in page.text
        assert page.status_code < 500


def test_datasets_are_found_by_other_words_for_the_same_thing(pages):
    assert "12 of 180 datasets with “mammary evora”" in text(pages.get("/datasets?q=mammary evora"))
    assert "Did you mean breast" in text(pages.get("/datasets?q=brest"))


def test_datasets_can_be_filtered(pages):
    assert "180 of 180 datasets" in text(pages.get("/datasets"))
    assert "12 of 180 datasets with “breast evora”" in text(pages.get("/datasets?q=breast evora"))
    assert "No dataset has all of these words" in text(pages.get("/datasets?q=zebra"))


def test_a_card_has_its_page(pages):
    page = pages.get("/datasets/dresden/breast_00")
    assert page.status_code == 200
    assert "Breast Cancer Dresden 0" in text(page)
    assert "series.manufacturer" in text(page)
    assert 'href="https://doi.org/10.7937/k9/tcia.2016.example" rel="noreferrer"' in page.text
    assert pages.get("/datasets/dresden/other").status_code == 404
    assert pages.get("/datasets/nobody/breast_00").status_code == 404


def test_nodes_say_in_words_whether_they_are_here(pages):
    page = text(pages.get("/nodes"))
    for words in ("● online", "◐ away", "○ never", "5 seconds ago", "2026-09-21 14:13:15 UTC", "threshold 10"):
        assert words in page


def test_about_and_dictionary(pages):
    about = text(pages.get("/about"))
    for words in (
        "/.well-known/jwks.json",
        "/api/openapi.json",
        "oncommons node init",
        "suppressed",
        "Certain and possible",
    ):
        assert words in about
    assert "oncommons node join http://hub.test" in about
    assert "Age at the earliest imaging known here" in text(pages.get("/dictionary"))


def test_the_audit_tells_how_far_each_log_goes(pages):
    page = text(pages.get("/audit"))
    for words in ("1,204", "2026-11-23 08:00", "oncommons audit verify --hub", "in entry 1,199"):
        assert words in page
    assert "A log is not what it was" not in page


def test_the_audit_tells_which_log_is_not_what_it_was(pages, hub):
    hub.audit["nodes"][1]["contradicts"] = 77
    page = text(pages.get("/audit"))
    assert "A log is not what it was bologna:" in page
    assert "does not agree with entry 77" in page


def test_the_audit_of_a_hub_without_nodes(pages, hub):
    hub.audit["nodes"] = []
    assert "No node has sent a checkpoint yet." in text(pages.get("/audit"))


def test_help_pages(pages):
    assert "How to resolve" in text(pages.get("/help/errors/E103"))
    assert "E206" in text(pages.get("/help/errors"))
    assert pages.get("/help/errors/E999").status_code == 404


def test_what_is_not_there_is_a_page_for_people_and_json_for_programs(pages):
    page = pages.get("/nowhere")
    assert page.status_code == 404
    assert "There is nothing at /nowhere." in text(page)
    assert pages.get("/api/nowhere").json()["error"]["code"] == "E404"
    assert pages.post("/nodes").status_code == 405


def test_without_a_hub_there_is_still_a_page(pages, hub):
    hub.down = True
    assert pages.get("/help/errors/E206").status_code == 200
    assert pages.get("/about").status_code == 503
    page = pages.get("/nodes")
    assert page.status_code == 503
    assert "The hub cannot be reached" in text(page)
    page = pages.get("/ask?person.age.from=40")
    assert page.status_code == 503
    assert 'value="40"' in page.text


def test_a_hub_that_goes_away_while_asking_loses_nothing_that_was_typed(hub):
    class Forgetful(FakeHub):
        def _ask(self, question, job):
            raise StorageFull("The disk is full.")

    with visiting(make_pages(Forgetful().connection(), "0.1.0")) as client:
        page = client.get("/ask?person.age.from=40&do=ask")
    assert page.status_code == 507
    assert "The disk is full." in text(page)
    assert 'value="40"' in page.text


def test_a_bug_is_a_page_that_tells_nothing(hub):
    hub.cards = None
    with visiting(make_pages(hub.connection(), "0.1.0")) as client:
        page = client.get("/")
    assert page.status_code == 500
    assert "Something of ours broke" in text(page)
    assert "NoneType" not in page.text


def test_many_pages_of_a_hub_in_the_same_process_do_not_wait_for_one_another_for_ever():
    hub = FakeHub(cards=[])

    def served(request):
        answer = hub(Request(request.method, str(request.url), {}, b"", 1))
        return Response(answer.content, answer.status, media_type="application/json")

    app = Starlette()
    inside = Connection(Transport(URL, send=Inside(app)))
    app.router.routes += [Route("/api/{path:path}", served), Mount("/", make_pages(inside, "0.1.0"))]
    with visiting(app) as visitor:
        assert visitor.together("/nodes", 120) == [200] * 120


def test_static_files_are_served(pages):
    assert pages.get("/static/pages.css").headers["content-type"].startswith("text/css")
    assert pages.get("/static/pages.js").status_code == 200
    assert pages.get("/static/mark.svg").status_code == 200
    assert pages.get("/static/../app.py").status_code == 404


def test_a_question_is_saved_cited_and_watched(pages):
    question = '{"count": "person", "where": {"field": "sex", "in": ["F"]}}'
    sent = {"question": question, "name": "Women", "reach": "60"}
    done = pages.post("/saved", data=sent)
    assert done.status_code == 303
    page = text(pages.get(done.headers["location"]))
    assert "“Women”: Count people where sex is F, by dataset. Saved at Test hub, 2026-09-21." in page
    assert "60 ✓ reached" in page
    assert "Women" in text(pages.get("/saved"))


def test_a_question_is_not_saved_for_another_site_nor_without_a_name(pages):
    sent = {"question": '{"count": "person"}', "name": "x"}
    assert pages.post("/saved", data=sent, headers={"origin": "https://evil.example"}).status_code == 403
    assert pages.post("/saved", data=sent | {"name": ""}).status_code >= 400
    assert pages.post("/saved", data=sent | {"reach": "soon"}).status_code >= 400
    assert pages.post("/saved", data=sent | {"question": "{"}).status_code == 422
    assert pages.get("/saved/nothing").status_code == 404


def test_who_chooses_nodes_reads_that_the_others_were_not_asked(pages, hub):
    page = pages.get("/ask?person.sex=F&nodes=athens&nodes=cork&do=ask")
    assert hub.asked[-1]["nodes"] == ["athens", "cork"]
    words = text(page)
    assert "Not the total of the federation: 3 of 5 nodes were not asked" in words
    assert "Asked: athens, cork. Not asked: bologna, dresden, evora." in words
    assert "Not in these numbers: 1 of 2 nodes that were asked" in words
    assert 'name="nodes" value="athens" checked' in page.text
    kept = text(pages.get(re.search(r'href="(/answers/[^"]+)"', page.text)[1]))
    assert "asking only athens and cork" in kept
    assert "Not asked: bologna, dresden, evora." in kept


def test_one_node_that_was_asked_and_answered_is_not_called_the_only_one(pages):
    words = text(pages.get("/ask?nodes=athens&do=ask"))
    assert "The only node that was asked answered in time" in words
    assert "people at 1 of 5 nodes, 1 asked" in words


def test_a_node_that_is_not_there_leads_back_to_the_choice(pages):
    page = pages.get("/ask?nodes=rome&do=ask")
    assert page.status_code == 422
    assert 'href="#nodes"' in page.text
    assert 'value="rome" checked' in page.text


def test_what_criteria_cost_is_of_the_nodes_that_were_asked(pages):
    page = pages.get("/ask?person.sex=F&series.modality=MR&nodes=athens&do=ask")
    found = pages.get(re.search(r'href="(/answers/[^"]+)"', page.text)[1] + "/criteria?do=weigh")
    assert "asking only athens" in text(found)
    assert "%22nodes%22%3A+%5B%22athens%22%5D" in found.text


def test_what_it_costs_to_weigh_is_told_before_anybody_is_asked(pages, hub):
    page = pages.get("/ask?person.sex=F&series.modality=MR&do=ask")
    address = re.search(r'href="(/answers/[^"]+)"', page.text)[1]
    assert f'href="{address}/criteria?do=weigh"' in pages.get(address).text
    before = text(pages.get(f"{address}/criteria"))
    assert "2 more questions must be asked" in before
    assert "More people without" not in before
    only = pages.get(f"{address}/criteria?do=weigh&nodes=athens")
    assert "asking only athens" in text(only)


def test_a_private_node_is_asked_after_its_price_was_told(pages, hub):
    job = "q" * 8
    given = answer(parse_question({"count": "person", "where": {"all": [WOMEN, OLD]}}), job, hub.cards)
    rule = "private: differential privacy with epsilon 0.5 a question"
    first, *rest = given.nodes
    hub.kept[job] = replace(given, nodes=(replace(first, policy=rule), *rest))
    assert f'href="/answers/{job}/criteria"' in pages.get(f"/answers/{job}").text
    told = pages.get(f"/answers/{job}/criteria")
    assert "Each of the 2 answers takes from a budget that ends" in text(told)
    assert re.findall(r"nodes=(\w+)", told.text) == ["bologna", "cork", "dresden"]


def test_a_saved_question_and_all_of_them_have_a_feed(pages):
    sent = {"question": '{"count": "person"}', "name": "All", "reach": "75"}
    address = pages.post("/saved", data=sent).headers["location"]
    page = pages.get(address)
    for part in ('<link rel="alternate" type="application/atom+xml"', f'href="/api{address}/feed.atom"'):
        assert part in page.text
    words = text(page)
    assert "75 ◐ perhaps" in words
    assert "No answer when asked last: cork, dresden." in words
    assert 'href="/api/saved/feed.atom"' in pages.get("/saved").text


def test_a_diagnosis_is_found_by_words_and_put_into_the_question(pages):
    page = pages.get("/ask?find=lung+cancer&person.sex=F&do=find")
    assert "ICD10:C34 lung cancer" in text(page)
    hrefs = [unescape(href) for href in re.findall(r'href="(/ask\?[^"]*condition\.code=ICD10%3AC34&[^"]*)"', page.text)]
    chosen = pages.get(hrefs[0])
    assert "where sex is F and some condition has (code is ICD10:C34 (lung cancer))" in text(chosen)
    assert "in the question: ICD10:C34" in text(chosen)


def test_words_that_were_typed_where_a_code_belongs_find_codes(pages, hub):
    page = pages.get("/ask?condition.code=lung+cancer&do=ask")
    assert page.status_code == 422
    assert hub.asked == []
    assert "ICD10:C34 lung cancer" in text(page)


def test_words_that_no_code_has_are_told(pages, hub):
    assert "No code is known by these words." in text(pages.get("/ask?find=zebra&do=find"))
    hub.down = True
    assert "No code is known by these words." in text(pages.get("/ask?find=lung&do=find"))


def test_pages_show_the_labels_that_the_hub_has(pages, hub):
    hub.labels = {"ICD10:C34": "Wort der Lunge"}
    node, one = hub.cards[0]
    hub.cards[0] = (node, replace(one, codes={**one.codes, "code": {"ICD10:C34": exact(12)}}))
    assert "Wort der Lunge" in text(pages.get(f"/datasets/{node}/{one.dataset}"))
    assert "code is ICD10:C34 (Wort der Lunge)" in text(pages.get("/ask?condition.code=ICD10:C34&do=show"))


def test_the_dictionary_shows_which_labels_were_imported(pages, hub):
    one = LabelSet("gm", "ICD-10-GM 2024", "BfArM", ("de",), ("ICD10",), 16_000, 1.0, "a").to_json()
    value = {"people": exact(12).to_json(), "datasets": 1}
    body = dictionary_to_json() | {"labels": [one]}
    next(f for f in body["fields"] if f["name"] == "code")["values"] = {"ICD10:C34": value | {"label": "Wort"}}
    hub.dictionary = body
    page = text(pages.get("/dictionary"))
    assert "gm ICD-10-GM 2024 ICD10 de 16,000 BfArM" in page
    assert "ICD10:C34 Wort: 12" in page
