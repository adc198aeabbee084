"""Strict reading: whatever is not understood is an error that names it."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle import generator

from oncommons.schema.dictionary import FIELDS
from oncommons.schema.errors import (
    MalformedQuestion,
    QuestionError,
    QuestionTooLarge,
    UnknownField,
    UnknownValue,
    WrongScope,
)
from oncommons.schema.parsing import (
    MAX_BYTES,
    MAX_CODES,
    MAX_CRITERIA,
    MAX_DEPTH,
    MAX_INTEGER,
    parse_question,
    parse_question_text,
)
from oncommons.schema.question import All, AnyOf, Between, In, Missing, Not, Question, Some

F = {"field": "sex", "in": ["F"]}


def read(where, count="person", **more):
    return parse_question({"count": count, "where": where} | more)


def refused(kind, body):
    """The message and place of the error that the question raises."""
    with pytest.raises(QuestionError) as caught:
        parse_question_text(body) if isinstance(body, str | bytes) else parse_question(body)
    assert type(caught.value) is kind
    return caught.value.message, caught.value.at


def refused_where(kind, where, count="person"):
    return refused(kind, {"count": count, "where": where})


def nested(levels):
    body = F
    for _ in range(levels - 1):
        body = {"not": body}
    return body


# What is understood


def test_a_question_may_be_no_more_than_what_is_counted():
    assert parse_question_text('{"count": "series"}') == Question("series", None)


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ({"all": [F]}, All),
        ({"any": [F]}, AnyOf),
        ({"not": F}, Not),
        ({"some": "study"}, Some),
        (F, In),
        ({"field": "age", "between": [1, 2]}, Between),
        ({"field": "age", "missing": True}, Missing),
    ],
)
def test_each_criterion_is_read(where, kind):
    assert type(read(where).where) is kind


def test_a_field_above_is_the_field_of_the_entity_above():
    assert read(F, count="series").where.field.entity == "person"


def test_inside_some_the_fields_are_those_of_its_entity():
    assert read({"some": "condition", "where": {"field": "code", "in": ["ICD10:C61"]}}).where.entity == "condition"


def test_a_code_given_twice_counts_once():
    assert read({"field": "sex", "in": ["F", "M", "F"]}).where.codes == ("F", "M")


@pytest.mark.parametrize("ends", [[0, 0], [None, 0], [0, None], [-5, MAX_INTEGER]])
def test_a_range_may_be_open_on_one_side(ends):
    where = read({"field": "age", "between": ends}).where
    assert [where.low, where.high] == ends


def test_dataset_and_two_coded_fields_can_be_grouped_by():
    question = parse_question({"count": "series", "by": ["modality", "dataset", "sex"]})
    assert (question.by_dataset, [f.name for f in question.by]) == (True, ["modality", "sex"])


# The shape


@pytest.mark.parametrize(
    ("body", "found"), [([], "a list"), ("person", "text"), (3, "a number"), (None, "null"), (True, "true or false")]
)
def test_a_question_is_an_object(body, found):
    text = json.dumps(body)
    assert refused(MalformedQuestion, text) == (f"Expected a JSON object, found {found}.", "question")


def test_a_question_says_what_it_counts():
    assert refused(MalformedQuestion, {}) == ('The key "count" is missing.', "question")


def test_an_unknown_key_is_named_and_the_nearest_proposed():
    message, at = refused(MalformedQuestion, {"count": "person", "were": F})
    assert '"were"' in message
    assert 'Did you mean "where"?' in message
    assert at == "question"


@pytest.mark.parametrize(
    ("where", "key", "at"),
    [
        ({"all": [F], "x": 1}, '"x"', "where"),
        ({"not": F, "x": 1}, '"x"', "where"),
        ({"all": [F, {"some": "study", "were": F}]}, '"were"', "where.all[1]"),
        ({"not": F | {"x": 1}}, '"x"', "where.not"),
    ],
)
def test_an_unknown_key_in_a_criterion_is_named_where_it_stands(where, key, at):
    message, found = refused_where(MalformedQuestion, where)
    assert key in message
    assert found == at


def test_a_criterion_is_one_thing_only():
    message, at = refused_where(MalformedQuestion, {"all": [F], "any": [F]})
    assert '"all" and "any"' in message
    assert at == "where"


def test_a_test_has_one_operator_only():
    message, at = refused_where(MalformedQuestion, {"field": "age", "missing": True, "between": [1, 2]})
    assert '"age" has exactly one of in, between, missing' in message
    assert at == "where"


@pytest.mark.parametrize(
    ("where", "at"),
    [
        (3, "where"),
        ([F], "where"),
        ({"not": None}, "where.not"),
        ({"all": [F, "x"]}, "where.all[1]"),
        ({"some": "study", "where": None}, "where.where"),
    ],
)
def test_a_criterion_is_an_object(where, at):
    message, found = refused_where(MalformedQuestion, where)
    assert message.startswith("Expected a criterion")
    assert found == at


@pytest.mark.parametrize("key", ["all", "any"])
@pytest.mark.parametrize(("value", "at"), [([], "where"), (F, "where.{}"), (None, "where.{}"), ("x", "where.{}")])
def test_all_and_any_need_a_list_of_criteria(key, value, at):
    assert refused_where(MalformedQuestion, {key: value})[1] == at.format(key)


def test_an_empty_criterion_is_none():
    assert "found none of them" in refused_where(MalformedQuestion, {})[0]


# Names


@pytest.mark.parametrize("count", ["patient", "Person", "", "person; drop table person", "series "])
def test_an_entity_that_there_is_not_is_named(count):
    message, at = refused(UnknownField, {"count": count})
    assert f'There is no entity "{count}"' in message
    assert at == "count"


@pytest.mark.parametrize("count", [None, 3, ["person"], {}, True])
def test_an_entity_is_named_by_text(count):
    assert refused(MalformedQuestion, {"count": count})[1] == "count"


def test_some_of_an_unknown_entity_is_named_where_it_stands():
    message, at = refused_where(UnknownField, {"not": {"some": "serie"}})
    assert 'Did you mean "series"?' in message
    assert at == "where.not.some"


def test_an_unknown_field_is_named_and_the_nearest_proposed():
    message, at = refused_where(UnknownField, {"all": [F, {"field": "agee", "missing": True}]})
    assert message == 'The dictionary has no field "agee". Did you mean "age"?'
    assert at == "where.all[1]"


@pytest.mark.parametrize("name", [None, 3, ["age"], {}, True])
def test_a_field_is_named_by_text(name):
    assert refused_where(MalformedQuestion, {"field": name, "missing": True})[1] == "where"


@pytest.mark.parametrize(
    ("name", "count", "home", "relation"),
    [
        ("modality", "person", "series", "below"),
        ("modality", "study", "series", "below"),
        ("study_year", "person", "study", "below"),
        ("code", "person", "condition", "below"),
        ("code", "series", "condition", "beside"),
    ],
)
def test_a_field_of_other_rows_is_an_error_that_proposes_some(name, count, home, relation):
    message, at = refused_where(WrongScope, {"field": name, "missing": True}, count)
    assert f'"{name}" belongs to {home}, which lies {relation} {count}' in message
    assert f'{{"some": "{home}"' in message
    assert at == "where"


# Values


@pytest.mark.parametrize("code", ["f", "X", "", "F ", 1, None, True, ["F"], {}, 1.5])
def test_a_code_outside_the_vocabulary_is_named(code):
    message, at = refused_where(UnknownValue, {"field": "sex", "in": ["F", code]})
    assert "is not a value of sex" in message
    assert at == "where.in[1]"


def test_the_nearest_code_is_proposed():
    where = {"some": "series", "where": {"field": "body_part", "in": ["Brest"]}}
    message, at = refused_where(UnknownValue, where)
    assert 'Did you mean "BREAST"?' in message
    assert at == "where.where.in[0]"


@pytest.mark.parametrize("code", ["F' or '1'='1", "F'); drop table person; --", "F\x00", "F\\", '"', "%", "🦀"])
def test_sql_in_a_code_is_no_code(code):
    message, at = refused_where(UnknownValue, {"field": "sex", "in": [code]})
    assert "is not a value of sex" in message
    assert at == "where.in[0]"


def test_sql_in_a_name_is_no_name():
    assert refused_where(UnknownField, {"field": "age) or (1=1", "missing": True})[1] == "where"


def test_a_message_repeats_a_wild_value_in_one_short_line():
    message, _ = refused_where(UnknownValue, {"field": "sex", "in": ["<script>\n\u202e" + "x" * 5000]})
    assert len(message) < 200
    assert message.isascii() or "…" in message
    assert "\n" not in message


@pytest.mark.parametrize("codes", [[], "F", None, {"F": 1}, 3])
def test_codes_are_a_list_of_at_least_one(codes):
    assert refused_where(MalformedQuestion, {"field": "sex", "in": codes})[1] == "where.in"


@pytest.mark.parametrize("end", [True, False, 1.0, 1.5, "40", [40], 2**31, -(2**31), 10**400])
def test_the_end_of_a_range_is_a_whole_number(end):
    message, at = refused_where(UnknownValue, {"field": "age", "between": [None, end]})
    assert "is not a whole number that age could hold" in message
    assert at == "where.between[1]"


@pytest.mark.parametrize("ends", [[], [1], [None, None], None, 3, {"low": 1}])
def test_a_range_has_two_ends(ends):
    assert refused_where(MalformedQuestion, {"field": "age", "between": ends})[1].startswith("where")


def test_a_range_of_three_ends_is_too_long():
    assert refused_where(QuestionTooLarge, {"field": "age", "between": [1, 2, 3]})[1] == "where.between"


def test_an_empty_range_is_named():
    message, at = refused_where(UnknownValue, {"field": "age", "between": [50, 40]})
    assert message == "The range from 50 to 40 is empty; the lower end comes first."
    assert at == "where.between"


@pytest.mark.parametrize("flag", [None, 0, 1, "true", []])
def test_missing_is_true_or_false(flag):
    assert refused_where(MalformedQuestion, {"field": "age", "missing": flag})[1] == "where.missing"


def test_a_range_of_a_coded_field_is_refused():
    message, at = refused_where(MalformedQuestion, {"field": "sex", "between": [1, 2]})
    assert '"sex" holds a code' in message
    assert at == "where.between"


def test_a_list_for_an_integer_field_is_refused():
    message, at = refused_where(MalformedQuestion, {"field": "age", "in": [40]})
    assert '"age" holds an integer' in message
    assert at == "where.in"


# Groupings


@pytest.mark.parametrize(
    ("kind", "by", "at"),
    [
        (MalformedQuestion, "sex", "by"),
        (MalformedQuestion, None, "by"),
        (MalformedQuestion, ["age"], "by[0]"),
        (MalformedQuestion, ["sex", "sex"], "by"),
        (MalformedQuestion, ["dataset", "dataset"], "by"),
        (MalformedQuestion, ["dataset", 3], "by[1]"),
        (MalformedQuestion, [["sex"]], "by[0]"),
        (UnknownField, ["dataset", "colour"], "by[1]"),
        (QuestionTooLarge, ["sex", "modality", "body_part"], "by"),
        (QuestionTooLarge, ["sex"] * 10_000, "by"),
    ],
)
def test_a_grouping_that_cannot_be_is_refused(kind, by, at):
    assert refused(kind, {"count": "series", "by": by})[1] == at


def test_a_grouping_by_rows_below_is_refused():
    assert refused(WrongScope, {"count": "person", "by": ["modality"]})[1] == "by[0]"


# Size


def test_the_deepest_question_is_read_and_a_deeper_one_refused():
    read(nested(MAX_DEPTH))
    message, at = refused_where(QuestionTooLarge, nested(MAX_DEPTH + 1))
    assert f"deeper than {MAX_DEPTH} levels" in message
    assert at == "where" + ".not" * MAX_DEPTH


@pytest.mark.parametrize("start", ["[", '{"not":', '{"count":"person","where":{"not":'])
def test_nesting_without_end_is_too_large(start):
    text = start * (200_000 // len(start))
    assert "nested too deeply" in refused(QuestionTooLarge, text)[0]


def test_ten_thousand_codes_are_too_many():
    message, at = refused_where(QuestionTooLarge, {"field": "sex", "in": ["F"] * 10_000})
    assert message == f"10,000 codes in one list; at most {MAX_CODES:,} are accepted."
    assert at == "where.in"


def test_too_many_criteria_are_refused_however_they_are_spread():
    many = {"any": [{"all": [F] * 20}] * 10}
    assert f"more than {MAX_CRITERIA} criteria" in refused_where(QuestionTooLarge, many)[0]


def test_as_many_criteria_as_allowed_are_read():
    assert len(read({"any": [F] * (MAX_CRITERIA - 1)}).where.criteria) == MAX_CRITERIA - 1


def test_too_many_bytes_are_refused_before_they_are_read():
    assert f"at most {MAX_BYTES:,} are accepted" in refused(QuestionTooLarge, b"x" * (MAX_BYTES + 1))[0]


# The text


@pytest.mark.parametrize("text", ["", "{", "count: person", '{"count": "person"} x', "{'count': 'person'}", "\ufeff{}"])
def test_what_is_not_json_is_refused(text):
    assert refused(MalformedQuestion, text)[0].startswith("The question is not JSON")


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b'{"count": "pers\xf6n"}', '{"count": "person"}'.encode("utf-16"), "\ud800"]
)
def test_what_is_not_utf_8_is_refused(raw):
    assert refused(MalformedQuestion, raw)[0] == "The question is not text in UTF-8."


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"count": "person", "count": "series"}', "count"),
        ('{"count": "person", "where": {"field": "sex", "in": ["F"], "in": ["M"]}}', "in"),
        ('{"count": "person", "where": {"not": {"some": "study"}, "n\\u006ft": {"some": "series"}}}', "not"),
    ],
)
def test_a_key_given_twice_is_named(text, key):
    assert f'the key "{key}" stands twice' in refused(MalformedQuestion, text)[0]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_json_number_is_named(number):
    text = f'{{"count": "person", "where": {{"field": "age", "between": [{number}, null]}}}}'
    assert f"{number} is not a JSON number" in refused(MalformedQuestion, text)[0]


@pytest.mark.parametrize("number", ["1e999", "1e2", "40.0", "-0.0", "9" * 4000])
def test_a_number_that_is_not_a_small_whole_one_is_refused(number):
    text = f'{{"count": "person", "where": {{"field": "age", "between": [{number}, null]}}}}'
    assert refused(UnknownValue, text)[1] == "where.between[0]"


def test_a_number_of_a_hundred_thousand_digits_is_refused():
    assert refused(MalformedQuestion, '{"count": ' + "9" * 100_000 + "}")


# Everything else

_words = st.sampled_from(
    [
        *("count", "where", "by", "all", "any", "not", "some", "field", "in", "between", "missing", "dataset"),
        *("person", "study", "series", "condition", "F", "MR", "BREAST", "ICD10:C61"),
        *(f.name for f in FIELDS),
    ]
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words | st.text(max_size=4), inner, max_size=3),
    max_leaves=20,
)


def understood_or_refused(text):
    """Read a question; whatever cannot be read is a :class:`QuestionError`."""
    try:
        question = parse_question_text(text)
    except QuestionError:
        return
    assert parse_question(question.to_json()) == question


def places(body, path=()):
    yield path
    for key, inner in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield from places(inner, (*path, key))


def mutated(body, path, value):
    if not path:
        return value
    body = copy.deepcopy(body)
    spot = body
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return body


@given(st.text() | st.binary())
def test_any_text_or_bytes_are_understood_or_refused(text):
    understood_or_refused(text)


@given(_json)
def test_any_json_is_understood_or_refused(body):
    understood_or_refused(json.dumps(body))


@given(_json, st.sampled_from(["person", "study", "series"]))
def test_any_json_as_a_criterion_is_understood_or_refused(body, count):
    understood_or_refused(json.dumps({"count": count, "where": body}))


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.data())
def test_a_question_changed_anywhere_is_understood_or_refused(seed, data):
    body = generator.question(seed)
    path = data.draw(st.sampled_from(list(places(body))))
    understood_or_refused(json.dumps(mutated(body, path, data.draw(_json))))


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.data())
def test_a_question_cut_or_spliced_anywhere_is_understood_or_refused(seed, data):
    raw = json.dumps(generator.question(seed)).encode()
    start, end = (data.draw(st.integers(0, len(raw))) for _ in range(2))
    understood_or_refused(raw[:start] + data.draw(st.binary(max_size=4)) + raw[end:])


@given(st.integers(0, 100_000))
def test_a_question_comes_back_from_its_json_as_itself(seed):
    question = parse_question(generator.question(seed))
    assert parse_question_text(json.dumps(question.to_json())) == question


def test_a_key_given_twice_among_very_many_is_found_at_once():
    keys = ",".join(f'"{i:x}":0' for i in range(8_000))
    refused(MalformedQuestion, f'{{{keys},"z":1,"z":2}}')


@pytest.mark.parametrize("where", [{"field": "age", "equals": 40}, {"xyzzy": [F]}, {"and": [F]}])
def test_an_operator_that_there_is_not_is_named(where):
    message, _ = refused_where(MalformedQuestion, where)
    assert any(f'"{key}"' in message for key in where if key != "field")


def test_a_where_of_null_is_not_taken_for_no_where():
    assert refused(MalformedQuestion, {"count": "person", "where": None})[1] == "where"


@pytest.mark.parametrize("allowed", [True, False])
def test_whether_small_groups_may_be_put_together_is_read(allowed):
    question = parse_question({"count": "person", "by": ["sex"], "coarsen": allowed})
    assert question.coarsen is allowed
    assert parse_question(question.to_json()) == question


@pytest.mark.parametrize("value", ["yes", 1, None, []])
def test_whether_small_groups_may_be_put_together_is_yes_or_no(value):
    with pytest.raises(MalformedQuestion) as caught:
        parse_question({"count": "person", "coarsen": value})
    assert "true or false" in caught.value.message


def test_nodes_are_named_in_order_and_once():
    question = parse_question({"count": "person", "nodes": ["cork", "athens", "cork"]})
    assert question.nodes == ("athens", "cork")
    assert question.to_json() == {"count": "person", "nodes": ["athens", "cork"]}
    assert parse_question(question.to_json()) == question


@pytest.mark.parametrize(
    ("nodes", "kind", "at"),
    [
        ([], MalformedQuestion, "nodes"),
        ("athens", MalformedQuestion, "nodes"),
        (None, MalformedQuestion, "nodes"),
        (["athens", "Cork"], UnknownValue, "nodes[1]"),
        ([7], UnknownValue, "nodes[0]"),
        (["athens"] * 1_001, QuestionTooLarge, "nodes"),
    ],
)
def test_what_does_not_name_nodes_is_refused(nodes, kind, at):
    with pytest.raises(kind) as fault:
        parse_question({"count": "person", "nodes": nodes})
    assert fault.value.at == at
