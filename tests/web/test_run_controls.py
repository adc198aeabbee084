"""What the form of an analysis shows: what may stand where, and what suits a field."""

from tests.web.fake_hub import cards_of
from tests.web.fake_runs import told_analyses

from oncommons.schema.dictionary import FIELDS
from oncommons.web.form import read_form
from oncommons.web.holdings import codes_of
from oncommons.web.run_controls import fitted, role_views, setting_views

ANALYSES = {one["name"]: one for one in told_analyses()["analyses"]}
KNOWN = {field.name: codes_of(cards_of(each=3), field.name) for field in FIELDS if field.type == "code"}


def role(number, form=(), name="cox"):
    return role_views(ANALYSES[name], read_form(form), KNOWN)[number]


def covariate(*form):
    return role(2, [(f"v.covariates.0.{part}", value) for part, value in form]).places[0]


def offered(view):
    return {option.value for _, options in view.fields for option in options}


def test_a_role_for_numbers_offers_numbers_alone():
    assert "person.follow_up" in offered(role(0).places[0])
    assert "person.sex" not in offered(role(0).places[0])
    assert "person.sex" in offered(role(1).places[0])
    assert (role(0).takes, role(0).places[0].kinds) == ("the number itself", ())
    assert [one.value for one in role(2).places[0].kinds] == ["number", "code", "yes"]


def test_only_what_suits_the_field_is_shown():
    assert covariate().shows == set()
    assert covariate(("field", "person.age")).shows == set()
    assert covariate(("field", "person.age"), ("kind", "yes")).shows == {"ends"}
    assert covariate(("field", "condition.age_at_diagnosis")).shows == {"take", "rows"}
    assert covariate(("field", "condition.stage"), ("kind", "yes")).shows == {"codes", "rows"}
    assert covariate(("field", "person.sex")).shows == {"levels"}
    assert "Unit: a." in covariate(("field", "condition.age_at_diagnosis")).hint


def test_codes_are_ticked_with_how_many_people_have_them_and_others_are_typed():
    view = covariate(("field", "person.sex"), ("kind", "yes"), ("codes", "F"), ("codes", "X Y"))
    ticked = {one.value: one.chosen for one in view.codes}
    assert (ticked["F"], ticked["M"], view.typed) == (True, False, "X Y")
    assert all(one.people is not None for one in view.codes if one.value in {"F", "M"})


def test_levels_of_a_coded_field_are_those_that_occur_and_nothing_typed_is_changed():
    chosen = [("v.covariates.0.field", "person.sex")]
    assert fitted(ANALYSES["cox"], read_form(chosen), KNOWN).one("v.covariates.0.levels") == "female: F\nmale: M"
    typed = read_form([*chosen, ("v.covariates.0.levels", "M\nF")])
    assert fitted(ANALYSES["cox"], typed, KNOWN) == typed
    ruled = fitted(ANALYSES["cox"], read_form([("v.covariates.0.field", "condition.code")]), {})
    assert ruled.one("v.covariates.0.levels") == ""


def test_settings_have_their_choices_or_their_span():
    ties, level = setting_views(ANALYSES["cox"], read_form([("s.ties", "breslow")]))
    assert [(one.value, one.chosen) for one in ties.choices] == [("efron", False), ("breslow", True)]
    assert (level.typed, level.span, level.choices) == ("0.95", "0.5 to 0.999", ())
    assert setting_views(ANALYSES["survival"], read_form([]))[1].span == "from 0"
