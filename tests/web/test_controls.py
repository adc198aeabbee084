"""The form's controls come from the dictionary, and show what was typed."""

from __future__ import annotations

from dataclasses import replace

from tests.web.fake_hub import statuses

from oncommons.schema.answer import exact
from oncommons.web.controls import block_views, counts, groupings, nodes
from oncommons.web.form import Form, control_names
from oncommons.web.holdings import CodeCount

KNOWN = {
    "modality": [
        CodeCount("CT", "computed tomography", exact(9), 1),
        CodeCount("MR", "magnetic resonance", exact(4), 1),
    ]
}


def controls(form: Form):
    return {c.name: c for block in block_views(form, KNOWN) for c in block.controls}


def test_every_control_has_a_name_that_the_form_knows():
    for name, control in controls(Form()).items():
        assert ({f"{name}.from", f"{name}.to"} if control.kind == "range" else {name}) <= set(control_names())


def test_codes_that_occur_come_first_with_their_people():
    modality = controls(Form())["series.modality"]
    assert [(o.value, o.people) for o in modality.options] == [("CT", exact(9)), ("MR", exact(4))]
    assert len(modality.others) > 40
    assert modality.chosen == "any"


def test_a_chosen_code_is_shown_even_where_nobody_has_it():
    modality = controls(Form({"series.modality": ("MG", "NONSENSE")}))["series.modality"]
    assert [o.value for o in modality.options if o.chosen] == ["MG", "NONSENSE"]
    assert modality.chosen == "MG, NONSENSE"


def test_few_codes_are_shown_all():
    sex = controls(Form({"person.sex": ("F",)}))["person.sex"]
    assert sex.kind == "few"
    assert [(o.value, o.chosen) for o in sex.options] == [("F", True), ("M", False), ("O", False)]
    assert sex.others == ()


def test_ranges_and_texts_keep_what_was_typed():
    found = controls(Form({"person.age.from": ("abc",), "condition.code": ("x", "y")}))
    assert (found["person.age"].low, found["person.age"].high) == ("abc", "")
    assert found["condition.code"].low == "x y"
    assert found["person.age"].label == "Age (years)"


def test_a_block_says_what_it_asks():
    blocks = {b.name: b for b in block_views(Form({"count": ("series",), "also.is": ("no",)}), KNOWN)}
    assert blocks["person"].sayings == ()
    assert blocks["series"].sayings[0].label == "the series has all of these"
    assert [o.chosen for o in blocks["also"].sayings] == [False, True]
    assert blocks["also"].sayings[1].label == "and no series has all of these"
    assert blocks["condition"].sayings[0].label == "some condition has all of these"
    assert blocks["episode"].legend == "An episode"


def test_what_can_be_counted_and_grouped_by():
    assert [o.label for o in counts(Form({"count": ("study",)})) if o.chosen] == ["studies"]
    groups = dict(groupings(Form({"by": ("sex", "modality")}), 1))
    assert [o.value for o in groups["when counting series"] if o.chosen] == ["modality"]
    assert any(legend.startswith("when counting people, studies, series, conditions") for legend in groups)
    assert not any(o.chosen for options in dict(groupings(Form(), 0)).values() for o in options)


def test_nodes_that_can_be_asked_are_shown_and_those_that_were_typed():
    control = nodes(
        Form({"nodes": ("rome", "cork")}), [*statuses(), replace(statuses()[0], name="x", presence="revoked")]
    )
    labels = {o.value: (o.label, o.chosen) for o in control.options}
    assert labels["athens"] == ("online, 36 datasets", False)
    assert labels["cork"] == ("away, 36 datasets", True)
    assert labels["dresden"] == ("never called, 36 datasets", False)
    assert labels["rome"] == ("no such node", True)
    assert "x" not in labels
    assert not nodes(Form(), statuses()).is_used
