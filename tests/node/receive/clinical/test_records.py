"""What ways in for clinical data deliver."""

from oncommons.node.receive.clinical.records import AS_GIVEN
from oncommons.node.receive.faults import Fault
from oncommons.schema.errors_of_rows import ImpossibleDate


def test_a_fault_carries_the_code_and_words_of_its_error():
    fault = Fault.of(7, "born", ImpossibleDate("no such day"), kept=False)
    assert fault == Fault(7, "born", "E334", "no such day", kept=False)


def test_names_may_stay_as_they_are():
    assert (AS_GIVEN.person(" 7 "), AS_GIVEN.study("1.2")) == ("7", "1.2")
