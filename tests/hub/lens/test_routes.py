"""Lens over real data: the numbers are those of brute force, and nothing is dropped."""

import re
from pathlib import Path

import pytest
from tests.hub.callers import told
from tests.oracle import columns
from tests.schema.dialects.test_lens import MAKER, MODALITY, PART, SEX, and_, b64, is_, or_


@pytest.fixture(scope="module")
def hub(real_hub):
    return real_hub


def ask(hub, tree, **more):
    return hub("POST", "/api/lens", json={"lang": "ast", "query": b64({"ast": tree, "id": "i"}), **more})


CT, CHEST = {"field": "modality", "in": ["CT"]}, {"field": "body_part", "in": ["LUNG"]}
MRI = {"field": "modality", "in": ["MR", "PT"]}
CASES = [
    (or_(), None),
    (or_(and_(or_(is_(MODALITY, "RID10321")))), {"some": "series", "where": CT}),
    (
        or_(and_(or_(is_(MODALITY, "RID10312"), is_(MODALITY, "RID10337")), or_(is_(SEX, "SNOMEDCT248153007")))),
        {"all": [{"some": "series", "where": MRI}, {"field": "sex", "in": ["M"]}]},
    ),
    (
        or_(and_(or_(is_(MODALITY, "RID10321")), or_(is_(PART, "SNOMEDCT39607008")))),
        {"some": "series", "where": {"all": [CT, CHEST]}},
    ),
    (
        or_(and_(or_(is_(MAKER, "birnlex_12833"))), and_(or_(is_(PART, "SNOMEDCT41216001")))),
        {
            "some": "series",
            "where": {"any": [{"field": "manufacturer", "in": ["GE"]}, {"field": "body_part", "in": ["PROSTATE"]}]},
        },
    ),
]


def holds(count, number):
    """Whether an interval holds a number; of rows of few people it has no upper end."""
    return count["at_least"] <= number and (count["at_most"] is None or number <= count["at_most"])


@pytest.mark.parametrize(("tree", "where"), CASES)
def test_people_and_examinations_are_those_of_brute_force(hub, pool, tree, where):
    response = ask(hub, tree)
    assert response.status_code == 200, response.text
    body = response.json()
    found = {one["id"]: one for one in body["collections"]}
    for entity, key in (("person", "subjects"), ("study", "studies")):
        expected = columns.answer({"count": entity} | ({"where": where} if where else {}), pool)
        for name in ("lctsc", "prostate_diagnosis"):
            one = found.get(f"athens:{name}")
            assert (0 if one is None else one[f"{key}_count"]) == expected[name].certain
        for name in ("soft_tissue_sarcoma", "qin_pet_phantom"):
            bounds = found[f"bologna:{name}"][key]
            assert holds(bounds, expected[name].certain)
            assert found[f"bologna:{name}"][f"{key}_count"] == bounds["at_least"]
        total = sum(count.certain for count in expected.values())
        assert holds(body["total"][key], total)


def test_the_lists_come_from_the_cards(hub):
    (one,) = [c for c in ask(hub, or_()).json()["collections"] if c["id"] == "athens:lctsc"]
    cards = {d["dataset"]: d for d in hub("GET", "/api/datasets").json()["datasets"]}
    assert len(one["modalities"]) == len(cards["lctsc"]["codes"]["modality"])
    assert "RID10321" in one["modalities"]
    assert one["name"] == cards["lctsc"]["title"]


def test_the_envelope_of_spot_restricts_the_sites(hub):
    body = {"id": "i", "sites": ["athens"], "query": b64({"lang": "ast", "payload": b64({"ast": or_(), "id": "i"})})}
    found = hub("POST", "/api/lens", json=body).json()["collections"]
    assert {c["id"].partition(":")[0] for c in found} == {"athens"}
    assert told(hub("POST", "/api/lens", json=body | {"sites": ["rome"]})) == (400, "E340")


def test_a_condition_that_cannot_be_carried_is_refused_whole(hub):
    tree = or_(and_(or_(is_(SEX, "SNOMEDCT248153007")), or_(is_("IMG1005459", "BI-RADS 4"))))
    response = ask(hub, tree)
    assert told(response) == (400, "E341")
    assert "collections" not in response.json()


def test_the_tree_of_the_page_for_clients_is_answered(hub):
    page = (Path(__file__).parents[3] / "docs" / "how-to-use-a-lens-client.md").read_text("utf-8")
    sent = re.search(r"```json\n(.*?)```", page, re.DOTALL)[1]
    body = hub("POST", "/api/lens", content=sent.encode()).json()
    assert body["sentence"] == (
        "Count people where sex is M and some series has (modality is CT and body part is LUNG), by dataset."
    )


@pytest.mark.parametrize("content", [b"", b"\xff", b"null", b"[]", b"{}", b"{" * 5000])
def test_what_is_not_a_request_is_refused(hub, content):
    assert told(hub("POST", "/api/lens", content=content)) == (400, "E340")
