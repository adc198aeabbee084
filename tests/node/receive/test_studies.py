"""Addresses of archives and lists of studies."""

import pytest
from tests.node.images import fill

from oncommons.node.receive.studies import DimseAddress, WebAddress, read_address, read_studies
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_protocols import BadPacsAddress


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dicom:ARCHIVE@10.1.2.3:104", DimseAddress("ARCHIVE", "10.1.2.3", 104)),
        (" dicom:MY PACS@pacs.example.org:11112 ", DimseAddress("MY PACS", "pacs.example.org", 11112)),
        ("dicom:A@[fe80::1]:104", DimseAddress("A", "fe80::1", 104)),
        ("dicom+tls:ARCHIVE@pacs:2762", DimseAddress("ARCHIVE", "pacs", 2762, secure=True)),
        ("https://pacs.example.org/dicom-web/", WebAddress("https://pacs.example.org/dicom-web")),
        ("http://10.1.2.3:8042/dicom-web", WebAddress("http://10.1.2.3:8042/dicom-web")),
    ],
)
def test_an_address_is_read_and_written_again(text, address):
    assert read_address(text) == address
    assert read_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ARCHIVE@10.1.2.3:104",
        "dicom:10.1.2.3:104",
        "dicom:A@host:0",
        "dicom:A@host:70000",
        "dicom:A@host",
        "dicom:A\\B@host:104",
        "dicom:much too long a title@host:104",
        "ftp://pacs/x",
        "https://",
        "https://user:secret@pacs/x",
        "https://pacs/x?study=1",
        "https://[::1/x",
    ],
)
def test_what_is_no_address_is_told(text):
    with pytest.raises(BadPacsAddress):
        read_address(text)


def test_studies_are_named_once_each_in_their_order():
    assert read_studies(["1.2.4", " 1.2.3 ", "1.2.4"]) == ("1.2.4", "1.2.3")


LISTS = {
    "a name": "Study Instance UID\n1.2.3\n1.2.4\n",
    "a keyword": "PatientID;StudyInstanceUID;Note\nx;1.2.3;\ny;1.2.4;z\n",
    "a tag": 'note,"(0020,000D)"\nx,1.2.3\ny,1.2.4\n',
    "no names": "1.2.3\n1.2.4\n",
    "no names and two columns": "a\t1.2.3\nb\t1.2.4",
    "a mark, empty lines and spaces": "\ufeffstudy_uid\r\n\r\n 1.2.3 \r\n1.2.4\r\n\r\n",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_a_list_is_read_whatever_its_columns_are_called(tmp_path, text):
    file = fill(tmp_path, {"list.csv": text.encode()}) / "list.csv"
    assert read_studies([], file) == ("1.2.3", "1.2.4")


def test_a_list_and_names_add_up(tmp_path):
    file = fill(tmp_path, {"list.csv": b"study\n1.2.3\n1.2.5\n"}) / "list.csv"
    assert read_studies(["1.2.4", "1.2.3"], file) == ("1.2.4", "1.2.3", "1.2.5")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"study\n1.2.3\nJohn Doe\n", "list.csv, line 3"),
        (b"a,study\nx,1.2.3\ny\n", "list.csv, line 3"),
        (b"a,b\n1.2.3,x\n", ""),
        (b"", ""),
        (b"study\n", ""),
        (b"\xff\xfe\x00", ""),
    ],
)
def test_what_is_no_list_is_told_with_its_place(tmp_path, content, place):
    file = fill(tmp_path, {"list.csv": content}) / "list.csv"
    with pytest.raises(UnreadableSource) as told:
        read_studies([], file)
    assert told.value.at == place


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnreadableSource):
        read_studies([], tmp_path / "none.csv")


def test_a_name_that_is_no_uid_is_told():
    with pytest.raises(UnreadableSource, match="etc"):
        read_studies(["../etc"])
