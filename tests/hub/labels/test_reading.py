"""Files of labels: good rows are kept, others are told by their line and the reason."""

import pytest
from tests.hub.labels.files import BFARM, CLAML, CSV, IACR, MORPHOLOGY, TOPOGRAPHY

from oncommons.hub.labels import reading
from oncommons.hub.labels.reading import Given, Refused, read_labels, told_briefly
from oncommons.schema.errors_of_rows import BadLabels

NONE = Given()


def read(text, file="x.csv", given=NONE):
    return read_labels(text if isinstance(text, bytes) else text.encode(), file, given)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (CSV, {"ICD10:C34", "ICD10:C34.1", "ICDO3:8070/3"}),
        (BFARM, {"ICD10:C34", "ICD10:C34.0", "ICD10:C91.00", "ICD10:A17.0"}),
        (CLAML, {"ICD10:C34", "ICD10:C34.0"}),
        (TOPOGRAPHY, {"ICDO3:C34", "ICDO3:C34.1"}),
        (IACR, {"ICDO3:8070/3"}),
    ],
)
def test_every_form_gives_codes_of_the_dictionary(text, codes):
    found = read(text)
    assert {one.code for one in found.labels} == codes
    assert found.refused == ()


def test_rows_that_do_not_fit_are_told_and_the_others_kept():
    rows = [
        "code,label,language,system",
        "C34,Gut,de,ICD10",
        "C34.,Ohne Ziffer,de,ICD10",
        "C34.1,,de,ICD10",
        "C50,Gut,deutsch,ICD10",
        "C51,Gut,,ICD10",
        "C52,Gut,de,ICD9",
        "C53,Gut,de,",
        "C54," + "x" * 1001 + ",de,ICD10",
        "C34,Anders,de,ICD10",
        "C34,Gut,de,ICD10",
        "C55,Gut\ufffd,de,ICD10",
        '"C56,nicht geschlossen',
    ]
    found = read("\n".join(rows))
    assert [(one.code, one.text) for one in found.labels] == [("ICD10:C34", "Gut")]
    assert [one.line for one in found.refused] == [3, 4, 5, 6, 7, 8, 9, 10, 12, 13]
    said = [one.reason for one in found.refused]
    assert "'C34.' is not a code of ICD10" in said[0]
    assert said[1] == "ICD10:C34.1 has no label."
    assert "no language" in said[2]
    assert "not said" in said[3]
    assert "no system" in said[4]
    assert "names its system" in said[5]
    assert "line 2" in said[7]


def test_what_a_file_does_not_say_may_be_given():
    found = read("code,label\nC34,Word\n", given=Given("ICD10", "en"))
    assert [(one.code, one.language) for one in found.labels] == [("ICD10:C34", "en")]


def test_text_that_is_not_utf_8_is_read_as_windows_1252_and_a_mark_at_the_beginning_is_no_part_of_it():
    text = "code,label\nICD10:C34,Mäßig\n"
    for content in (text.encode("cp1252"), text.encode("utf-8-sig")):
        assert read(content, given=Given(language="de")).labels[0].text == "Mäßig"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "none of the known forms"),
        (b"PK\x03\x04abc", "save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0abc", "save the sheet as CSV"),
        (b"%PDF-1.7", "PDF"),
        (b"code,label\nC34,Word\n", "no row of it is good.*Line 2: 'C34'"),
        (b"code,label\n", "no row of it is good"),
        (MORPHOLOGY.split("\n")[0].encode(), "no row"),
    ],
)
def test_a_file_without_a_good_row_is_refused_with_the_reason(content, says):
    with pytest.raises(BadLabels, match=says):
        read(content)


def test_a_file_that_no_list_of_labels_is_as_large_as_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(BadLabels, match="larger"):
        read(CSV)


def test_a_code_that_has_only_other_words_has_no_label():
    found = read("Kode\tLvl\tTitle\nC34\t3\tPlace\nC50\tincl\tOther\n")
    assert {one.code for one in found.labels} == {"ICDO3:C34"}
    (only,) = found.refused
    assert (only.line, only.reason.partition(";")[0]) == (3, "ICDO3:C50 has no label of its own in en")


def test_every_row_is_kept_or_told():
    labels = [f"C{n}\t3\tPlace {n}" for n in range(15, 40, 2)]
    others = [f"C{n}\tincl\tOther {n}" for n in range(15, 40)]
    quoted = ['C50\t3\t"Place', 'C51\t3\tPlace 51"', 'C52\t3\t"Place" 52']
    found = read("\n".join(["Kode\tLvl\tTitle", *others, *quoted, *labels]))
    assert len(found.labels) + len(found.refused) == len(others) + len(quoted) + len(labels)
    assert [one.line for one in found.refused] == [*range(3, 27, 2), 27]


def test_a_label_that_lost_a_letter_is_refused_by_its_line():
    found = read(CLAML.replace("Mot du &amp; poumon", "Mot du p&oelig;umon"))
    assert [(one.line, one.reason) for one in found.refused] == [
        (9, "The label has characters that could not be read."),
        (9, "ICD10:C34 has no label of its own in fr; another word alone does not name it."),
    ]
    assert [one.code for one in found.labels] == ["ICD10:C34.0"]


@pytest.mark.parametrize("encoding", ["foo", "gb2312", "utf-16", "utf-7"])
def test_a_file_of_which_the_encoding_is_not_known_is_refused(encoding):
    with pytest.raises(BadLabels):
        read(CLAML.replace("UTF-8", encoding))


def test_the_digest_is_that_of_the_labels():
    assert read(CSV).digest == read(CSV.encode("utf-8-sig")).digest
    assert read(CSV).digest != read(BFARM).digest


def test_many_refused_rows_are_told_briefly():
    refused = tuple(Refused(i, "why") for i in range(23))
    assert [*told_briefly(refused)][-1] == "  and 3 more; --json tells all."
    assert [*told_briefly(refused[:1])] == ["  line 0: why"]
