"""Resources out of a file, one at a time."""

import json
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.node.bundles import bundle, patient, story, write_bundle, write_lines

from oncommons.node.receive.clinical import fhir_stream
from oncommons.node.receive.clinical.fhir_stream import holds_resources, resources_of
from oncommons.schema.errors_of_rows import NotFhir

JSON = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON, max_size=5), JSON, st.integers(1, 40), st.sampled_from((None, 1)))
@example([], 0.0, 1, None)
def test_a_bundle_read_in_pieces_is_what_json_reads_at_once(tmp_path, monkeypatch, values, other, chunk, indent):
    monkeypatch.setattr(fhir_stream, "_CHUNK", chunk)
    body = bundle(*({"resourceType": "X", "v": v} for v in values), meta=other)
    path = tmp_path / "b.json"
    path.write_text(json.dumps(body, indent=indent), encoding="utf-8")
    plain = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    assert [(r.body, r.url) for r in resources_of(path)] == [(e["resource"], e["fullUrl"]) for e in plain["entry"]]


def test_numbers_keep_the_digits_that_they_were_written_with(tmp_path):
    path = tmp_path / "o.json"
    path.write_text('{"resourceType": "Observation", "value": 1.500, "count": 10}', encoding="utf-8")
    (found,) = resources_of(path)
    assert (found.body["value"], found.body["count"]) == ("1.500", "10")


def test_lines_are_read_one_by_one_and_a_bad_one_is_told(tmp_path):
    path = write_lines(tmp_path / "p.ndjson", patient(), patient("b"))
    path.write_text(path.read_text(encoding="utf-8") + '\n{"a": \n[1]\n', encoding="utf-8")
    assert [(r.number, r.fault is None) for r in resources_of(path)] == [(1, True), (2, True), (4, False), (5, False)]


def test_a_line_that_cannot_be_read_is_told_with_its_place_and_the_others_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(fhir_stream, "_MOST", 60)
    monkeypatch.setattr(fhir_stream, "_CHUNK", 10)
    lines = [
        b'\xef\xbb\xbf{"resourceType": "A", "v": "\xc3\xbc"}',
        b'{"resourceType": "B", "v": "\xfc\xc3\xbc\x80"}\r',
        b"\xff\xfe\x00\x81",
        b'{"resourceType": "C", "v": "' + b"x" * 200 + b'"}',
        b'{"resourceType": "D", "v" 1}',
        b"[" * 59,
        b'{"resourceType": "E"}',
        b'{"resourceType": "F", "v": "cut',
    ]
    (tmp_path / "x.ndjson").write_bytes(b"\n".join(lines))
    found = list(resources_of(tmp_path / "x.ndjson"))
    assert [(r.number, r.body.get("resourceType"), r.recoded) for r in found] == [
        (1, "A", False),
        (2, "B", True),
        *((n, None, False) for n in (3, 4, 5, 6)),
        (7, "E", False),
        (8, None, False),
    ]
    assert (found[0].body["v"], found[1].body["v"]) == ("ü", "üü€")
    assert "more than 60 bytes" in found[3].fault.message
    assert found[4].fault.message == "The line is not JSON: Expecting ':' delimiter (character 27)."


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_an_entry_that_is_not_in_utf_8_is_read_as_windows_1252_and_says_so(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(fhir_stream, "_CHUNK", chunk)
    names = ["Müller", "M\udcfcller", "Łódź \udc80", "Meier"]
    path = tmp_path / "b.json"
    text = json.dumps(bundle(*(patient(family=name) for name in names)), ensure_ascii=False)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    found = [(r.body["family"], r.recoded) for r in resources_of(path)]
    assert found == [("Müller", False), ("Müller", True), ("Łódź €", True), ("Meier", False)]
    path.write_bytes(b'{"resourceType": "Patient", "family": "M\xfcller"}')
    assert [(r.body["family"], r.recoded) for r in resources_of(path)] == [("Müller", True)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_bundle_that_is_cut_off_anywhere_is_told(tmp_path, data):
    whole = json.dumps(bundle(*story()))
    path = tmp_path / "b.json"
    path.write_text(whole[: data.draw(st.integers(0, len(whole) - 1))], encoding="utf-8")
    with pytest.raises(NotFhir):
        list(resources_of(path))


@pytest.mark.parametrize("chunk", [1, 1000])
def test_the_place_of_the_damage_is_told(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(fhir_stream, "_CHUNK", chunk)
    path = tmp_path / "b.json"
    for text, place in (('{"entry": [{"a": 1}, {"a" 2}]}', 27), ('{"entry": [{"a": 1} {"a": 2}]}', 21)):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(NotFhir, match=rf"\(character {place}\)"):
            list(resources_of(path))


@pytest.mark.parametrize("text", ["", "<Bundle/>", "\xff\xfe", '{"output": ['])
def test_a_file_of_which_nobody_can_say_what_it_holds_is_told(tmp_path, text):
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotFhir):
        holds_resources(tmp_path / "x.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[1, 2]",
        "{}",
        '{"a": 1}',
        '{"resourceType": "Bundle", "entry": [1',
        '{"resourceType": "Bundle", "entry": 3}',
        '{"resourceType": "Bundle", "entry": [{} {}]}',
        '{"resourceType": "Patient", "entry"',
        '{"entry": [{"resource": {"resourceType": "Patient"}}]}',
        "[" * 100_000,
    ],
)
def test_what_is_not_fhir_is_told(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotFhir):
        list(resources_of(path))


def test_an_entry_without_a_resource_is_told_and_the_others_are_read(tmp_path):
    path = write_bundle(tmp_path / "b.json", patient(), {"no": "type"}, patient("b"))
    assert [r.fault is None for r in resources_of(path)] == [True, False, True]


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path):
    with pytest.raises(NotFhir):
        list(resources_of(tmp_path / "none.json"))
    (tmp_path / "x.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(NotFhir):
        list(resources_of(tmp_path / "x.json"))


def test_a_value_that_never_ends_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(fhir_stream, "_MOST", 100)
    monkeypatch.setattr(fhir_stream, "_CHUNK", 10)
    path = tmp_path / "x.json"
    path.write_text('{"a": "' + "x" * 1000, encoding="utf-8")
    with pytest.raises(NotFhir, match="more than"):
        list(resources_of(path))


def test_what_comes_after_the_end_is_not_passed_over(tmp_path):
    path = tmp_path / "lines.json"
    path.write_text('{"resourceType": "Patient"}\n{"resourceType": "Patient"}\n', encoding="utf-8")
    with pytest.raises(NotFhir, match=r"ends in \.ndjson"):
        list(resources_of(path))


@pytest.mark.parametrize(
    ("name", "text", "holds"),
    [
        ("a.ndjson", "", True),
        ("a.json", '{"id": {"a": [1]}, "resourceType": "Patient"}', True),
        ("a.json", '{"id": 1, "entry": []}', True),
        ("a.json", '{"id": "resourceType", "output": [{"resourceType": 1}]}', False),
        ("a.json", "{}", False),
        ("a.json", " [1, 2]", False),
        ("a.json", "null", False),
    ],
)
def test_a_file_that_holds_resources_says_so_first(tmp_path, name, text, holds):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert holds_resources(tmp_path / name) is holds


def test_however_deeply_a_line_is_nested_it_is_told_and_the_others_are_read(tmp_path):
    deep = sys.getrecursionlimit()
    lines = ['{"resourceType": "X", "x": ' + '{"a":' * n + '"\\ud83d"' + "}" * n + "}" for n in range(deep - 250, deep)]
    path = tmp_path / "r.ndjson"
    path.write_text("\n".join([*lines, '{"resourceType": "X"}']), encoding="utf-8")
    *told, last = resources_of(path)
    assert {str(one.fault) for one in told} >= {"It is nested too deeply.", "The line is nested too deeply."}
    assert last.body == {"resourceType": "X"}


HALVES = ["\\ud83d", "\\uDE00", "x\\ud83d\\ud83d", "\\ude00\\ud83d"]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("name", ["r.ndjson", "b.json", "p.json"])
def test_a_resource_with_half_of_a_character_is_told_and_the_others_are_read(tmp_path, name, half):
    good = ['{"resourceType": "Patient", "id": "1", "text": "\\ud83d\\ude00 \\\\ud83d"}', '{"resourceType": "X"}']
    bad = good[0].replace('"1"', f'"{half}"')
    lines = [good[0], bad, good[1]]
    texts = {
        "r.ndjson": "\n".join(lines),
        "b.json": '{"resourceType": "Bundle", "entry": [' + ",".join(f'{{"resource": {one}}}' for one in lines) + "]}",
        "p.json": bad,
    }
    path = tmp_path / name
    path.write_text(texts[name], encoding="utf-8")
    found = list(resources_of(path))
    told = [one.number for one in found if one.fault and "half of a character" in str(one.fault)]
    assert told == ([1] if name == "p.json" else [2])
    assert [one.body for one in found if not one.fault] == ([] if name == "p.json" else [json.loads(g) for g in good])
