"""The decision about a request, rule by rule, and against an oracle that looks at JSON only."""

import json
import random
from dataclasses import replace

import pytest
from tests.oracle import generator
from tests.permits import BEGIN, END, HUB, NOW, OTHER_HUB, a_permit

from oncommons.policy.access.deciding import (
    RULES,
    Conditions,
    Request,
    beyond,
    decide,
    is_refused_by,
    request_of,
    request_of_images,
    without_permit,
)
from oncommons.policy.access.demands import DEMANDS, Restriction
from oncommons.policy.disclosure.budget import cost_of
from oncommons.schema.errors_of_permits import BeyondPermit, ConsentAwaited, PermitNeeded
from oncommons.schema.parsing import parse_question
from oncommons.schema.permit import VARIABLES

HERE = Conditions(HUB.name, "athens", {"d": "v9", "other": "v9"})
SEX = frozenset({"person", "person.sex"})
ASKED = Request("ana", variables=SEX)


def judged(permit=None, request=ASKED, now=NOW, here=HERE):
    """The name of the rule that refuses first; nothing where none does."""
    first = decide(permit or a_permit(), request, now, here).refused
    return first.rule if first else None


def test_what_the_permit_covers_is_let_through_with_a_verdict_of_every_rule():
    decision = decide(a_permit(), ASKED, NOW, HERE)
    assert decision.allowed
    assert [v.rule for v in decision.verdicts] == [rule.name for rule in RULES]
    assert all(v.says and v.source and v.allowed and v.judged for v in decision.verdicts)
    decision.enforce()


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("hub", {"permit": a_permit(OTHER_HUB)}),
        ("revoked", {"here": replace(HERE, revoked=True)}),
        ("begin", {"now": BEGIN - 0.001}),
        ("end", {"now": END}),
        ("person", {"request": replace(ASKED, person="eve")}),
        ("person", {"request": replace(ASKED, person="")}),
        ("person", {"request": replace(ASKED, person="Ana")}),
        ("node", {"here": replace(HERE, node="cork")}),
        ("dataset", {"here": replace(HERE, datasets={"other": "v9"})}),
        ("dataset", {"here": replace(HERE, restriction=Restriction(datasets=frozenset({"d"})))}),
        ("version", {"here": Conditions(HUB.name, "bergen", {"lung": "v2"})}),
        ("analysis", {"request": replace(ASKED, analysis="survival")}),
        ("variable", {"request": replace(ASKED, variables=SEX | {"person.age"})}),
        ("variable", {"request": replace(ASKED, variables=SEX | {"condition"})}),
        ("groups", {"permit": a_permit(output={"groups": False}), "request": replace(ASKED, groups=True)}),
        ("least", {"permit": a_permit(output={"least": 6}), "here": replace(HERE, keeps=5)}),
        ("consent", {"here": replace(HERE, demand="consent")}),
        ("restriction", {"here": replace(HERE, restriction=Restriction(variables=frozenset({"person.sex"})))}),
        ("restriction", {"here": replace(HERE, restriction=Restriction(variables=frozenset({"person"})))}),
        ("restriction", {"here": replace(HERE, restriction=Restriction(until=NOW))}),
        (
            "restriction",
            {"request": replace(ASKED, groups=True), "here": replace(HERE, restriction=Restriction(groups=False))},
        ),
        ("budget", {"request": replace(ASKED, cost=8), "here": replace(HERE, spent=93)}),
        ("declined", {"here": replace(HERE, declined="No.")}),
        ("declined", {"here": replace(HERE, demand="run", declined="No.")}),
        ("run", {"here": replace(HERE, demand="run")}),
        ("budget", {"request": replace(ASKED, cost=8), "here": replace(HERE, spent=93, demand="run")}),
    ],
)
def test_each_rule_refuses_what_it_is_for(rule, changed):
    assert judged(**changed) == rule


@pytest.mark.parametrize(
    "changed",
    [
        {"now": BEGIN},
        {"now": END - 0.001},
        {"here": Conditions(HUB.name, "bergen", {"lung": "v1"})},
        {"permit": a_permit(output={"least": 5}), "here": replace(HERE, keeps=5)},
        {"permit": a_permit(output={"least": 500})},
        {"here": replace(HERE, demand="consent", consented=True)},
        {"here": replace(HERE, demand="required")},
        {"here": replace(HERE, demand="run", agreed=True)},
        {"here": replace(HERE, restriction=Restriction(until=NOW + 1))},
        {"here": replace(HERE, restriction=Restriction(variables=frozenset({"person.age", "series"})))},
        {"request": replace(ASKED, cost=8), "here": replace(HERE, spent=92)},
        {"request": replace(ASKED, cost=8, repeated=True), "here": replace(HERE, spent=100)},
        {"permit": a_permit(budget=0), "request": replace(ASKED, cost=10**6)},
        {"request": replace(ASKED, variables=frozenset({"series"}))},
        {"permit": a_permit(variables=["series"]), "request": replace(ASKED, variables=frozenset({"series"}))},
        {"permit": a_permit(variables=[]), "request": replace(ASKED, variables=frozenset({"person"}))},
    ],
)
def test_up_to_its_edge_each_rule_lets_through(changed):
    assert judged(**changed) is None


def test_an_entity_in_a_permit_is_not_its_fields():
    asked = replace(ASKED, variables=frozenset({"series.modality"}))
    assert judged(a_permit(variables=["series", "person"]), asked) == "variable"


def test_only_the_datasets_of_the_permit_answer():
    assert decide(a_permit(), ASKED, NOW, HERE).datasets == {"d"}


def test_without_a_permit_a_node_answers_unless_it_asks_for_one():
    assert without_permit("optional").allowed
    assert without_permit("optional").datasets is None
    for demand in DEMANDS.keys() - {"optional"}:
        with pytest.raises(PermitNeeded, match="none without"):
            without_permit(demand).enforce()


def test_a_refusal_names_the_first_rule_and_all_are_explained():
    decision = decide(a_permit(), replace(ASKED, person="eve", analysis="survival"), END, HERE)
    assert [v.rule for v in decision.verdicts if not v.allowed] == ["end", "person", "analysis"]
    with pytest.raises(BeyondPermit, match=r"ended at 2027-12-01T00:00:00Z\. The rule end says") as caught:
        decision.enforce()
    assert caught.value.at == "permit.end"
    assert [row["rule"] for row in decision.to_json() if not row["allowed"]] == ["end", "person", "analysis"]


def test_what_lacks_nothing_but_a_consent_waits_and_is_not_refused():
    decision = decide(a_permit(), ASKED, NOW, replace(HERE, demand="run"))
    assert decision.waits
    with pytest.raises(ConsentAwaited):
        decision.enforce()
    for lacking in (decide(a_permit(), ASKED, END, replace(HERE, demand="run")), decide(a_permit(), ASKED, NOW, HERE)):
        assert not lacking.waits


def test_the_hub_leaves_to_nodes_what_only_they_know():
    decision = decide(a_permit(), ASKED, NOW, Conditions(HUB.name))
    assert decision.allowed
    left = {v.rule for v in decision.verdicts if not v.judged}
    assert left == {"node", "dataset", "version", "least", "consent", "restriction", "budget", "declined", "run"}


def test_rules_have_names_of_their_own():
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_question_asks_for_what_it_tests_groups_by_counts_and_looks_for():
    question = parse_question(
        {
            "count": "study",
            "where": {"any": [{"some": "condition"}, {"field": "sex", "missing": True}]},
            "by": ["dataset", "sex"],
        }
    )
    asked = request_of(question, "ana")
    assert asked.variables == {"study", "condition", "person.sex"}
    assert (asked.groups, asked.cost, asked.analysis) == (True, cost_of(question), "count")
    assert not request_of(parse_question({"count": "person", "by": ["dataset"]}), "ana").groups


def test_a_restriction_comes_back_from_json():
    taken = Restriction(frozenset({"d"}), frozenset({"person.age"}), groups=False, until=5)
    assert Restriction.from_json(taken.to_json()) == taken
    assert Restriction.of(json.dumps(taken.to_json())) == taken
    assert Restriction.of(json.dumps(Restriction().to_json())) == Restriction.of("") == Restriction()


IMAGES = a_permit(analyses=["images"], variables=["series.modality"], budget=1)


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        (None, {}),
        (None, {"here": replace(HERE, spent=1)}),
        ("analysis", {"permit": a_permit(variables=["series"])}),
        ("variable", {"permit": a_permit(analyses=["images"], variables=["study", "person.sex"])}),
        ("person", {"request": request_of_images("eve")}),
        ("restriction", {"here": replace(HERE, restriction=Restriction(variables=frozenset({"person.age"})))}),
        ("restriction", {"here": replace(HERE, restriction=Restriction(variables=frozenset({"study"})))}),
        ("restriction", {"here": replace(HERE, restriction=Restriction(until=NOW))}),
        (
            None,
            {"here": replace(HERE, restriction=Restriction(variables=frozenset({"person.vital_status", "condition"})))},
        ),
        ("consent", {"here": replace(HERE, demand="consent")}),
    ],
)
def test_images_are_an_analysis_of_their_own_that_tells_all_that_headers_have(rule, changed):
    assert judged(**{"permit": IMAGES, "request": request_of_images("ana")} | changed) == rule


def test_a_permit_for_images_lets_no_question_through():
    assert judged(IMAGES, replace(ASKED, variables=frozenset({"series"}))) == "analysis"


# An oracle: the same question asked of JSON values by walking them, in no order, without the classes.


def mentioned(value, scope):
    """Every entity and field that a question's JSON mentions, by reading names only; scope is the entity around."""
    above = {"series": ["series", "study", "person"], "study": ["study", "person"], "person": ["person"]}
    found = set()
    if isinstance(value, list):
        for one in value:
            found |= mentioned(one, scope)
    elif isinstance(value, dict):
        inner = value.get("some", scope)
        if "some" in value:
            found.add(inner)
        if "field" in value:
            homes = above.get(scope, [scope, "person"])
            found.add(next(f"{e}.{value['field']}" for e in homes if f"{e}.{value['field']}" in VARIABLES))
        for key in ("all", "any", "not", "where"):
            if key in value:
                found |= mentioned(value[key], inner)
    return found


def oracle(permit, question, person, now, world):
    """Whether everything is in order, as a list of things that are not."""
    count = question["count"]
    wanted = {count} | mentioned(question.get("where", {}), count)
    coded = [name for name in question.get("by", []) if name != "dataset"]
    wanted |= mentioned([{"field": name} for name in coded], count)
    given = set(permit["variables"])
    wrong = [w for w in wanted - given if w != "person" and not any(g.startswith(f"{w}.") for g in given)]
    wrong += [w for w in wanted if {w, w.split(".")[0]} & world["taken"]]
    wrong += ["groups"] if coded and not (permit["groups"] and world["groups"]) else []
    wrong += ["who"] if permit["people"].count(person) == 0 else []
    wrong += [] if permit["from"] <= now < min(permit["to"], world["until"]) else ["when"]
    here = [d for d in permit["datasets"] if d["node"] == world["node"] and d["dataset"] in world["held"]]
    wrong += [] if any(d["version"] in ("", world["held"][d["dataset"]]) for d in here) else ["data"]
    wrong += [flag for flag in ("revoked", "foreign", "unconsented") if world[flag]]
    return wrong


def test_it_decides_as_the_oracle_does():
    rng, outcomes = random.Random(36), []
    names = sorted(v for v in VARIABLES if v.split(".")[0] in {"person", "study", "series", "condition"})
    for seed in range(1_500):
        question = generator.question(rng, depth=3, criteria=2)
        given = names if rng.random() < 0.5 else rng.sample(names, rng.randrange(len(names)))
        datasets = [{"node": rng.choice("ab"), "dataset": d, "version": rng.choice(["", "1"])} for d in "xy"]
        begin = 1_000 * rng.randrange(3)
        kept = {"variables": given, "people": rng.sample(["ana", "ben"], rng.choice([1, 2, 2])), "datasets": datasets}
        kept |= {"groups": rng.random() < 0.8, "from": begin, "to": begin + 2_000}
        flags = {name: rng.random() < 0.05 for name in ("revoked", "foreign", "unconsented")}
        taken = set(rng.sample(names, rng.choice([0, 0, 0, 1])))
        held = {d: rng.choice("12") for d in rng.choice(["x", "xy", "xy"])}
        world = {"node": "a", "held": held, "taken": taken, "groups": rng.random() < 0.9, **flags}
        world |= {"until": rng.choice([10_000, 10_000, 10_000, 1_500])}
        now = rng.randrange(500, 3_500, 500)
        permit = a_permit(variables=given, people=kept["people"], output={"groups": kept["groups"]}, budget=0)
        made = a_permit(datasets=[{**d, "version": d["version"]} for d in datasets]).datasets
        permit = replace(permit, datasets=made, not_before=begin, not_after=begin + 2_000)
        here = Conditions(
            OTHER_HUB.name if flags["foreign"] else HUB.name,
            "a",
            held,
            "consent" if flags["unconsented"] else "required",
            revoked=flags["revoked"],
            restriction=Restriction(frozenset(), frozenset(taken), world["groups"], world["until"]),
        )
        person = rng.choice(["ana", "ana", "ben"])
        wrong = oracle(kept, question, person, now, world)
        decision = decide(permit, request_of(parse_question(question), person), now, here)
        assert decision.allowed == (not wrong), (seed, question, wrong, decision.refused)
        outcomes.append(decision.refused.rule if decision.refused else "")
    assert outcomes.count("") > 100
    assert {"variable", "end", "begin", "person", "node", "version", "restriction", "revoked", "groups"} <= set(
        outcomes
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_refuses_in_its_own_words(rule):
    fault = beyond(rule.name, "No.")
    assert (fault.message, fault.at) == (f"No. The rule {rule.name} says: {rule.says}", f"permit.{rule.name}")


def test_a_refusal_is_known_by_the_words_of_its_rule_alone():
    here = replace(HERE, demand="run", declined="The rule run says: a data manager may ask for own consent.")
    with pytest.raises(BeyondPermit) as caught:
        decide(a_permit(), ASKED, NOW, here).enforce()
    assert [rule.name for rule in RULES if is_refused_by(rule.name, caught.value.message)] == ["declined"]
