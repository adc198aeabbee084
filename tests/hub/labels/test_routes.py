"""Labels over HTTP: the dictionary, the search for words, the sentence of an answer, before and after an import."""

import pytest
from sqlalchemy import event
from tests.hub.callers import card, exact, told
from tests.hub.labels.files import BFARM, CSV, IACR
from tests.hub.labels.test_reading import read

LUNG = {"count": "person", "where": {"some": "condition", "where": {"field": "code", "in": ["ICD10:C34"]}}}


@pytest.fixture
def labelled(hub):
    """A hub at which labels in three languages were imported."""
    hub.app.state.labels.put("mine", read(CSV), "Edition 1", "from me", 5.0)
    hub.app.state.labels.put("gm", read(BFARM, "icd10gm2024syst_kodes.txt"), "ICD-10-GM 2024", "", 6.0)
    hub.app.state.labels.put("morphology", read(IACR), "ICD-O-3.2", "", 4.0)
    return hub


def terms(hub, words, **more):
    return hub("GET", "/api/terms", params={"q": words, **more}).json()["terms"]


def codes(hub, words, **more):
    return [one["code"] for one in terms(hub, words, **more)]


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("lung cancer", "C34"),
        ("breast cancer", "C50"),
        ("colorectal cancer", "C18"),
        ("prostate cancer", "C61"),
        ("bladder tumour", "C67"),
        ("malignant neoplasm of pancreas", "C25"),
        ("cervical cancer", "C53"),
        ("hepatocellular carcinoma", "C22"),
        ("multiple myeloma", "C90"),
    ],
)
def test_without_an_import_a_diagnosis_and_its_subsites_are_found_by_plain_words(hub, words, category):
    found = codes(hub, words)
    assert f"ICD10:{category}" in found[:15]
    below = [code for code in found if code and code.startswith(f"ICD10:{category}.")]
    assert below or category == "C61"


def test_the_site_itself_stands_before_those_below_it(hub):
    found = codes(hub, "lung cancer")
    assert found[0] == "ICD10:C34"
    assert {f"ICD10:C34.{n}" for n in "012389"} <= set(found)
    assert "SITE:LUNG" in found


@pytest.mark.parametrize(
    ("words", "language", "code", "label"),
    [
        ("Wort Lunge", "de", "ICD10:C34", "Wort der Lunge"),
        ("keiner kennt", "de", "ICD10:C34", "Wort der Lunge"),
        ("nobody knows", "en", "ICD10:C34", "Word that nobody knows"),
        ("nobody knows", "", "ICD10:C34", "Word that nobody knows"),
        ("Zellwort", "de", "ICDO3:8070/3", "Zellwort"),
        ("word nearby", "en", "ICDO3:8070/3", "Word of cells"),
        ("Blutwort", "", "ICD10:C91.00", "Blutwort: nicht weg"),
    ],
)
def test_after_an_import_a_diagnosis_is_found_by_its_words_in_the_language(labelled, words, language, code, label):
    first = terms(labelled, words, **({"language": language} if language else {}))[0]
    assert (first["code"], first["label"]) == (code, label)


def test_words_of_another_language_are_not_found_where_one_is_named(labelled):
    assert codes(labelled, "nobody knows", language="de") == []
    assert codes(labelled, "lung cancer", language="de")[0] == "ICD10:C34"  # our own names are always there


def test_a_code_of_a_field_is_told_once(labelled):
    found = [(one["entity"], one["field"], one["code"]) for one in terms(labelled, "C34")]
    assert len(found) == len(set(found))


def test_the_sentence_of_an_answer_has_the_labels_in_the_language(labelled):
    ask = lambda where, **more: labelled("POST", "/api/questions", json=where, params=more).json()  # noqa: E731
    answered = ask(LUNG, language="de", deadline=0.1)
    assert "code is ICD10:C34 (Wort der Lunge)" in answered["sentence"]
    assert "code is ICD10:C34 (Word that nobody knows)" in ask(LUNG, deadline=0.1)["sentence"]
    again = labelled("GET", f"/api/questions/{answered['id']}", params={"language": "de"}).json()
    assert again["sentence"] == answered["sentence"]


def test_without_an_import_the_sentence_has_our_names(hub):
    answered = hub("POST", "/api/questions", json=LUNG, params={"deadline": 0.1}).json()
    assert "code is ICD10:C34 (lung cancer)" in answered["sentence"]


def test_the_dictionary_tells_the_sets_and_the_labels_of_codes_that_occur(labelled):
    counted = {"code": {"ICD10:C34": exact(12), "ICD10:C61": exact(3)}, "sex": {"F": exact(4)}}
    fields = ["condition.code", "person.sex"]
    body = card(codes=counted, fields=fields, records={"person": exact(15)})
    labelled.member("athens")("PUT", "/api/link/datasets", json={"datasets": [body]})
    told_ = labelled("GET", "/api/dictionary", params={"language": "de"}).json()
    assert [(one["name"], one["edition"], one["source"]) for one in told_["labels"]] == [
        ("gm", "ICD-10-GM 2024", ""),
        ("mine", "Edition 1", "from me"),
        ("morphology", "ICD-O-3.2", ""),
    ]
    values = {f"{f['entity']}.{f['name']}": f["values"] for f in told_["fields"] if f["vocabulary"]}
    assert {code: one["label"] for code, one in values["condition.code"].items()} == {
        "ICD10:C34": "Wort der Lunge",
        "ICD10:C61": "prostate cancer",
    }
    assert values["person.sex"]["F"]["label"] == "female"


def test_labels_are_looked_up_once_however_many_codes_are_named(labelled):
    codes = [f"ICD10:C{n}.{m}" for n in range(15, 35) for m in range(5)]
    body = card(codes={"code": dict.fromkeys(codes, exact(3))}, fields=["condition.code"])
    asked = {"count": "person", "where": {"some": "condition", "where": {"field": "code", "in": codes}}}
    job = labelled("POST", "/api/questions", json=asked, params={"deadline": 0.1}).json()["id"]
    labelled.member("athens")("PUT", "/api/link/datasets", json={"datasets": [body]})
    statements = []
    event.listen(labelled.hub.database.engine, "before_cursor_execute", lambda *told_: statements.append(told_[2]))
    for path in ("/api/dictionary", f"/api/questions/{job}"):
        statements.clear()
        assert labelled("GET", path, params={"language": "de"}).status_code == 200
        assert sum("label_set" in one for one in statements) <= 4
        assert len(statements) < 40


def test_where_no_code_is_named_no_label_is_looked_up(labelled):
    job = labelled("POST", "/api/questions", json={"count": "person"}, params={"deadline": 0.1}).json()["id"]
    statements = []
    event.listen(labelled.hub.database.engine, "before_cursor_execute", lambda *told_: statements.append(told_[2]))
    labelled("GET", f"/api/questions/{job}")
    assert not any("label_set" in one for one in statements)


def test_a_variety_of_a_language_finds_what_the_language_finds(labelled):
    assert set(codes(labelled, "Zellwort", language="de-AT")) == {"ICDO3:8070/3"}


def test_a_dataset_is_found_by_the_imported_words_of_its_codes(labelled):
    body = card("quartz", title="Quartz", codes={"code": {"ICD10:C34": exact(12)}}, fields=["condition.code"])
    labelled.member("athens")("PUT", "/api/link/datasets", json={"datasets": [body]})
    for words in ("Wort Lunge", "nobody knows", "lung cancer"):
        found = labelled("GET", "/api/datasets", params={"q": words}).json()["datasets"]
        assert [one["dataset"] for one in found] == ["quartz"], words
    labelled.app.state.labels.remove("mine", 3.0)
    assert labelled("GET", "/api/datasets", params={"q": "nobody knows"}).json()["datasets"] == []


def test_labels_of_codes_are_told_with_their_sets(labelled):
    asked = {"codes": "ICD10:C34,ICD10:C61,ICD10:Q99,ICD10:C34", "language": "de"}
    body = labelled("GET", "/api/labels", params=asked).json()
    assert body["labels"] == {"ICD10:C34": "Wort der Lunge", "ICD10:C61": "prostate cancer"}
    assert [one["name"] for one in body["sets"]] == ["gm", "mine", "morphology"]


@pytest.mark.parametrize("path", ["/api/labels", "/api/terms", "/api/dictionary"])
def test_what_is_no_language_is_refused(hub, path):
    assert told(hub("GET", path, params={"language": "deutsch"})) == (400, "E405")
    assert told(hub("POST", "/api/questions", json=LUNG, params={"language": "deutsch"})) == (400, "E405")


def test_too_many_codes_at_once_are_refused(hub):
    assert told(hub("GET", "/api/labels", params={"codes": "ICD10:C34," * 501})) == (400, "E405")
