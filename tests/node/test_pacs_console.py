"""What the commands for archives say."""

from oncommons.node.intake import Taken
from oncommons.node.pacs import PullReport, Tally
from oncommons.node.pacs_console import pull_text
from oncommons.node.receive.dimse.listening import Heard
from oncommons.node.receive.pulling import StudyReport

WHOLE = StudyReport("1.2", said=2, came={"kept": 2})


def test_a_pull_is_told_in_numbers_that_add_up():
    tally = Tally()
    for outcome, code in [("kept", ""), ("kept", ""), ("duplicate", ""), ("quarantined", "E604"), ("failed", "E401")]:
        tally.count(Heard("PACS", "1", outcome, code))
    text = pull_text(PullReport([WHOLE], tally))
    assert text.splitlines()[0].startswith("5 objects came in")
    numbers = [int(line.split()[0]) for line in text.splitlines()[1:4] + text.splitlines()[5:7]]
    assert numbers == [2, 1, 1, 0, 1]
    assert "E604" in text.splitlines()[4]


def test_what_to_do_next_is_told_where_something_lacks():
    assert "Next" not in pull_text(PullReport([WHOLE], Tally()))
    text = pull_text(PullReport([WHOLE, StudyReport("1.3", said=1)], Tally()))
    assert "1 of 2 studies are here as a whole" in text
    assert "Next: repeat" in text


def test_a_tally_counts_as_the_intake_does():
    tally = Tally()
    tally.count(Heard("PACS", "1", "refused", "E601"))
    same = Tally()
    same.report.count(Taken("refused", "", "E601"))
    assert tally.report == same.report
