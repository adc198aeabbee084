"""What a receiver answers, what it accepts, and how the modules are loaded that need pynetdicom."""

import subprocess
import sys
from dataclasses import dataclass

import pydicom.uid
import pytest
from pynetdicom import ALL_TRANSFER_SYNTAXES
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from oncommons.node.receive.dimse.listening import accepts, check_title, dimse, is_uid, status_of, status_of_fault
from oncommons.schema.errors import DamagedImage, StorageFailed, StorageFull
from oncommons.schema.errors_of_protocols import BadPacsAddress


@dataclass
class Taken:
    outcome: str
    code: str = ""
    sop: str = ""


@pytest.mark.parametrize("outcome", ["kept", "duplicate", "quarantined"])
def test_what_is_accounted_for_is_a_success(outcome):
    assert status_of(Taken(outcome, "E604")) == 0x0000


def test_a_refusal_tells_the_code_of_its_error():
    assert status_of(Taken("refused", "E601")) == 0xC601


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (StorageFull(""), 0xA700),
        (StorageFailed(""), 0xA700),
        (DamagedImage(""), 0xC602),
        (ValueError(), 0x0110),
        (MemoryError(), 0x0110),
    ],
)
def test_what_could_not_be_taken_is_a_failure_that_the_standard_knows(fault, status):
    assert status_of_fault(fault) == status
    assert STORAGE_SERVICE_CLASS_STATUS[status][0] == "Failure" if status >= 0xA000 else status == 0x0110


@pytest.mark.parametrize("title", ["A", "ONCOMMONS", " PACS ", "a b", "X" * 16])
def test_a_title_is_taken_without_the_spaces_round_it(title):
    assert check_title(title) == title.strip()


@pytest.mark.parametrize("title", ["", "  ", "X" * 17, "A\\B", "Ä", "A\n"])
def test_what_cannot_be_a_title_is_refused(title):
    with pytest.raises(BadPacsAddress):
        check_title(title)


@pytest.mark.parametrize("uid", ["1.2.3", "2.25.0", "1.2.840.0001", "1" * 64])
def test_a_uid_is_one(uid):
    assert is_uid(uid)


@pytest.mark.parametrize("uid", ["", "1..2", "1.2.", ".1", "../1", "1.2/3", "1" * 65, "1.2\n", "1.a", "１.２"])
def test_what_is_not_a_uid_is_none(uid):
    assert not is_uid(uid)


def test_every_transfer_syntax_is_accepted_whose_objects_carry_their_pixels():
    known = {*map(str, pydicom.uid.AllTransferSyntaxes), *ALL_TRANSFER_SYNTAXES}
    refused = {syntax for syntax in known if not accepts(syntax)}
    assert {pydicom.uid.UID(syntax).name[:4] for syntax in refused} == {"JPIP", "SMPT"}


@pytest.mark.parametrize("syntax", ["1.2.840.113619.5.2", "1.3.46.670589.33.1.4.1", "", "1.2.840.10008.1.20"])
def test_private_transfer_syntaxes_are_not_accepted(syntax):
    assert not accepts(syntax)


def test_a_node_starts_without_pynetdicom():
    code = "import sys, oncommons.node.commands; print('pynetdicom' in sys.modules, 'pydicom' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_missing_package_is_named():
    code = "import sys; sys.modules['pynetdicom'] = None\nfrom oncommons.node.receive.dimse.listening import dimse\ndimse('receiver')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingPackage" in done.stderr
    assert "oncommons[pacs]" in done.stderr


def test_what_is_asked_for_is_loaded():
    assert dimse("receiver").Receiver
