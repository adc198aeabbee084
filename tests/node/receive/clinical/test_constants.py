"""What a mapping says that no rule reads is told before the import."""

import pytest
from tests.node.clinicals import mapping_of, take_table, take_text

from oncommons.node.desk import Desk
from oncommons.node.receive.clinical.constants import check_constants
from oncommons.schema.errors import BadMapping


def checked(block):
    check_constants(mapping_of(f"[[tables]]\n{block}\n"))


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ('table = "measurement"\nmarker = { value = "PSAA" }\nvalue = "v"', "'PSAA' .* Did you mean 'PSA'"),
        ('table = "measurement"\nmarker = { value = "prostate specific antigen" }\nvalue = "v"', "mean 'PSA'"),
        ('table = "measurement"\nmarker = { value = "PSAA" }\nvalue = "v"', "such as LOINC:1988-5 for CRP, or OTHER"),
        (
            'table = "measurement"\nmarker = { column = "m", map = { "x" = "our own index" } }\nvalue = "v"',
            "tables\\[0\\].marker: 'our own index' is not read .* or OTHER",
        ),
        ('table = "measurement"\nmarker = { value = "ER" }\nresult = { value = "2+" }', "'2\\+' is not read"),
        ('table = "person"\nsex = { value = "W", map = { "m" = "M" } }', "'W' is not read as a value of sex"),
        (
            'table = "measurement"\nmarker = "m"\nresult = { column = "r", map = { "1" = "positiv" } }',
            "mean 'POSITIVE'",
        ),
        ('table = "person"\nsex = { column = "s", map = { "w" = "W" } }', "'W' is not read as a value of sex"),
        ('table = "procedure_occurrence"\nkind = { value = "SURGRY" }', "Did you mean 'SURGERY'"),
        ('table = "condition_occurrence"\ncode = { column = "c", system = "ICD-10" }', "Did you mean 'ICD10'"),
        ('table = "condition_occurrence"\ncode = { value = "lung" }', "'lung' is not read"),
        ('table = "condition_occurrence"\ncode = "c"\nstage = { column = "s", map = { "5" = "V" } }', "value of stage"),
        ('table = "condition_occurrence"\ncode = "c"\nage = { column = "a", unit = "years" }', "no unit of time"),
        ('table = "condition_occurrence"\ncode = "c"\ndate = { column = "a", format = "%d.%Q.%Y" }', "how a date"),
        ('table = "death"\ndate = { value = "soon" }', "'soon' is not a date"),
        ('table = "follow_up"\ntime = { column = "t", unit = "months" }', "no unit of time; there are a, mo, wk, d"),
        ('table = "measurement"\nmarker = { value = "PSA" }\nvalue = { value = "high" }', "'high' is not a number"),
    ],
)
def test_a_constant_that_no_rule_reads_is_told_with_what_it_looks_like(block, said):
    with pytest.raises(BadMapping, match=said) as fault:
        checked(block)
    assert fault.value.at.startswith("tables[0].")


@pytest.mark.parametrize(
    "block",
    [
        'table = "measurement"\nmarker = { value = "HER2" }\nresult = { column = "r", map = { "x" = "2+", "y" = "NA" } }',
        'table = "measurement"\nmarker = "m"\nresult = { column = "r", map = { "x" = "2+", "y" = "POS" } }',
        'table = "measurement"\nmarker = { value = "LOINC:1988-5" }\nvalue = { column = "v", unit = "parsec" }',
        'table = "measurement"\nmarker = { value = "CRP" }\nvalue = { column = "v", unit = "mg/L" }',
        'table = "measurement"\nmarker = { value = "our own index" }\nvalue = "v"',
        'table = "measurement"\nmarker = { value = "our own index" }\nresult = { value = "positive" }',
        'table = "measurement"\nmarker = { value = "85319-2", system = "LOINC" }\nresult = { value = "2+" }',
        'table = "measurement"\nmarker = { value = "IHC", map = { "IHC" = "HER2" } }\nresult = { value = "2+" }',
        'table = "measurement"\nmarker = { column = "m", map = { "x" = "OTHER" } }\nvalue = "v"',
        'table = "condition_occurrence"\ncode = { value = "C61", system = "ICDO3" }\nage = "a"',
        'table = "condition_occurrence"\ncode = { value = "C61" }\ndate = { column = "d", format = "%d.%m.%y %H:%M" }',
        'table = "person"\nsex = { column = "s", map = { "w" = "female", "x" = "" } }\nrace = { value = "any text" }',
        'table = "follow_up"\nstatus = { value = "living" }\ntime = { column = "t", unit = "mo" }',
    ],
)
def test_what_can_be_read_passes(block):
    checked(block)


def test_many_are_told_together():
    words = ", ".join(f'"{n}" = "word {n}"' for n in range(9))
    with pytest.raises(BadMapping, match=r"'word 0' .* 'word 4' .* And 4 more"):
        checked(f'table = "person"\nsex = {{ column = "s", map = {{ {words} }} }}')


def test_nothing_is_read_before_the_mapping_is_good(home, tmp_path):
    mapping = mapping_of('[[tables]]\ntable = "specimen"\nkind = { value = "no kind" }\n')
    with pytest.raises(BadMapping, match="specimen_kind"):
        take_table(home, tmp_path / "is not there.csv", mapping)


OWN = """
    [[tables]]
    table = "measurement"
    marker = { value = "CRP" }
    value = { column = "crp", unit = "mg/dL" }
    [[tables]]
    table = "measurement"
    marker = { value = "our own index" }
    value = "index"
"""


def people(home, where):
    found = Desk(home).answer({"count": "person", "where": {"some": "measurement", "where": where}})
    return found.certain.at_least, found.possible.at_least


def test_a_marker_of_the_hospital_s_own_is_kept_told_and_found_as_other(home, tmp_path):
    report = take_text(home, tmp_path, "id,crp,index\na,1.5,high\nb,0.2,7\nc,,9\n", OWN)
    (told,) = [group for group in report.groups if group.at == "tables[1].marker"]
    assert (told.code, told.number) == ("E332", 1)
    assert "'our own index' is a marker that no list knows" in told.message
    crp = {"field": "marker", "in": ["LOINC:1988-5"]}
    assert people(home, crp) == (2, 2)
    assert people(home, {"all": [crp, {"field": "value", "between": [10, None]}]}) == (1, 1)  # 1.5 mg/dL are 15 mg/L
    assert people(home, {"field": "marker", "in": ["OTHER"]}) == (3, 3)
    assert people(home, {"field": "marker", "in": ["PSA"]}) == (0, 0)
    with home.tables.open() as base:
        kept = base.execute("SELECT measurement_source_value, value_source_value FROM omop.measurement").fetchall()
    assert {("our own index", "high"), ("our own index", "7"), ("CRP", "1.5")} <= set(kept)


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        ('{ value = "1988-5", system = "LOINC" }', "LOINC:1988-5"),
        ('{ value = "2857-1", system = "LOINC" }', "PSA"),
        ('{ value = "Serum", map = { "Serum" = "PSA" } }', "PSA"),
        ('{ value = "PSA", map = { "PSA" = "our own index" } }', "OTHER"),
    ],
)
def test_a_marker_is_told_as_the_hospital_s_own_where_it_is_kept_as_such_and_nowhere_else(home, tmp_path, marker, code):
    table = f'[[tables]]\ntable = "measurement"\nmarker = {marker}\nvalue = {{ column = "v", unit = "ng/mL" }}\n'
    report = take_text(home, tmp_path, "id,v\na,1\n", table)
    told = [group.code for group in report.groups if group.at == "tables[0].marker"]
    with home.tables.open() as base:
        kept = base.execute("SELECT code FROM omop.measurement").fetchall()
    assert (kept, told) == ([(code,)], ["E332"] if code == "OTHER" else [])
