"""What everybody is told of a dataset stands in its card and beside its answers."""

from oncommons.node.holdings import DatasetState, FieldState
from oncommons.node.share.public import Public
from oncommons.schema.answer import Count, Lack
from oncommons.schema.dictionary import find_field

FEW, MANY = Count(0, 22, "suppressed"), Count(36, 58, "noisy")
PUBLIC = Public({"d": {"person": MANY}}, {"d": {"sex": {"F": MANY}}}, {"d": {"person.sex": FEW}})
STATE = DatasetState("d", {}, {"person": 47}, {"person.sex": FieldState(known=True, lacking=3)})


def test_a_card_shows_rows_and_people_by_code():
    assert PUBLIC.card(STATE) == ({"person": MANY}, {"sex": {"F": MANY}})


def test_an_answer_shows_how_many_lack_a_field():
    assert PUBLIC.lack(find_field("sex", "person"), STATE) == Lack("sex", "person", known=True, records=FEW, of=MANY)
