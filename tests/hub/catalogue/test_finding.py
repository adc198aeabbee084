"""Looking for datasets and terms, over the real cards of the IDC index."""

from functools import cache

import pytest
from tests.hub.callers import card, exact

from oncommons.hub.catalogue.finding import CardFinder, _terms, card_texts, find_terms
from oncommons.node.desk import Desk
from oncommons.node.flow import import_from
from oncommons.node.home import make_home
from oncommons.node.receive.idc import receive_idc
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.labels import Label, labels_of

NAMES = ("lctsc", "prostate_diagnosis", "soft_tissue_sarcoma", "qin_pet_phantom", "tcga_cesc", "rider_lung_pet_ct")


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    home = make_home(tmp_path_factory.mktemp("cards") / "athens", Policy("open"))
    import_from(lambda base: receive_idc(base, NAMES), home.tables)
    return [("athens", one) for one in Desk(home).cards()]


def found(held, words):
    return [held[hit.place][1].dataset for hit in CardFinder().find(held, words).hits]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("prostate MRI", "prostate_diagnosis"),
        ("cervical cancer", "tcga_cesc"),
        ("phantom positron emission tomography", "qin_pet_phantom"),
        ("sarcoma", "soft_tissue_sarcoma"),
    ],
)
def test_what_somebody_means_is_found_first(held, words, first):
    assert found(held, words)[0] == first


def test_a_code_is_found_by_its_label_and_by_a_synonym(held):
    by_code = {c.dataset for _, c in held if "PT" in c.codes.get("modality", {})}
    for words in ("positron", "pet scan"[:3], "PT"):
        assert by_code <= set(found(held, words)), words


def test_every_word_must_be_found(held):
    assert found(held, "prostate zebra") == []
    assert CardFinder().find(held, "prostat diagnossis").instead == "prostate diagnosis"


def test_no_words_find_everything(held):
    assert found(held, " ") == [c.dataset for _, c in held]


def test_new_cards_are_found_at_once(held):
    finder = CardFinder()
    assert not finder.find(held, "unicorn").hits
    new = ("bologna", DatasetCard.from_json(card(title="Unicorn")))
    assert [hit.place for hit in finder.find([*held, new], "unicorn").hits] == [len(held)]


def test_a_card_tells_no_part_without_text():
    texts = card_texts("athens", DatasetCard.from_json(card(codes={"sex": {"F": exact(3)}})))
    assert all(part.text for part in texts)
    assert "F female" in [part.text for part in texts]


def test_terms_of_the_dictionary_are_found():
    first = find_terms("MRI")["terms"][0]
    assert (first["field"], first["code"]) == ("modality", "MR")
    assert find_terms("women")["terms"][0]["code"] == "F"
    assert find_terms("age")["terms"][0]["field"] == "age"
    assert find_terms("mamography")["instead"] == "mammography"


@cache
def words(*languages):
    return labels_of((), [Label("ICD10:C34", language, f"Wort {language}") for language in languages])


@pytest.mark.parametrize("language", ["", "de", "de-at", "de-de"])
def test_labels_are_found_by_any_variety_of_their_language(language):
    (found,) = find_terms("Wort", words("de"), language)["terms"]
    assert (found["code"], found["label"], found["language"]) == ("ICD10:C34", "Wort de", "de")


def test_languages_that_nobody_has_labels_in_share_one_index():
    known = words("de", "en")
    before = _terms.cache_info().misses
    for language in ("", "de", "en", "fr", "de-at", "aa", "ab", "en-gb", "pt-br"):
        find_terms("lung", known, language)
    assert _terms.cache_info().misses - before == 4
