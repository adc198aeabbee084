"""What codes are called on pages, and finding them by words."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.requests import Request
from tests.web.fake_hub import FakeHub

from oncommons.schema.answer import exact
from oncommons.schema.dataset import DatasetCard
from oncommons.web.form import Form, control_names
from oncommons.web.naming import _CONTROLS, found_codes, is_words, names_of, reader_language, ruled_codes

LUNG = {"entity": "condition", "field": "code", "code": "ICD10:C34", "label": "lung cancer"}
SEX = {"entity": "person", "field": "sex", "code": "F", "label": "female"}
FIELD = {"entity": "condition", "field": "code", "code": None, "label": "code"}


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-DE,de;q=0.9,en;q=0.8", "de-de"), ("fr", "fr"), ("*", ""), ("", ""), ("en;q=0.5", "en")],
)
def test_the_language_of_a_reader_is_the_first_that_the_browser_asks_for(header, language):
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert reader_language(request) == language


def test_names_are_those_of_the_hub_and_ours_where_it_is_away():
    hub = FakeHub(labels={"ICD10:C34": "Wort"})
    assert names_of(hub.connection(), ["ICD10:C34", "ICD10:C34"], "de") == {"ICD10:C34": "Wort"}
    hub.down = True
    assert names_of(hub.connection(), ["ICD10:C34"], "de") == {"ICD10:C34": "lung cancer"}
    assert names_of(hub.connection(), [], "de") == {}


def test_only_codes_that_a_rule_gives_are_named():
    codes = {"code": {"ICD10:C34": exact(3)}, "sex": {"F": exact(3)}, "gone": {"x": exact(1)}}
    assert ruled_codes([DatasetCard("a", "A", {}, codes, (), "open")]) == ["ICD10:C34"]


def test_a_found_code_is_added_to_the_form_or_takes_the_place_of_words():
    form = Form({"condition.code": ("ICD10:C50",), "person.sex": ("F",), "do": ("find",), "find": ("lung",)})
    (found,) = found_codes(form, [FIELD, SEX, LUNG])
    assert dict(parse_qsl(urlsplit(found.href).query)) == {
        "person.sex": "F",
        "find": "lung",
        "condition.code": "ICD10:C50 ICD10:C34",
        "do": "find",
    }
    (instead,) = found_codes(Form({"condition.code": ("lung cancer",)}), [LUNG], "condition.code")
    assert dict(parse_qsl(urlsplit(instead.href).query))["condition.code"] == "ICD10:C34"
    assert found_codes(form, [LUNG], "condition.topography") == ()
    assert found_codes(Form({"condition.code": ("ICD10:C34",)}), [LUNG])[0].chosen


def test_words_are_looked_for_in_controls_of_codes_that_a_rule_gives():
    assert set(control_names()) >= _CONTROLS
    assert is_words(Form({"condition.code": ("lung",)}), "condition.code")
    assert not is_words(Form({"person.sex": ("F",)}), "person.sex")
