"""What everybody is told holds the truth, of the real index."""

import pytest

from oncommons.node.public import tell_public
from oncommons.policy.noise import Noise, Shape
from oncommons.policy.telling import Teller


@pytest.fixture(scope="module")
def public(real):
    return tell_public(real.index, Teller(Noise(b"s" * 32, Shape(10))))


def holds(count, number):
    return count.at_least <= number and (count.at_most is None or number <= count.at_most)


def test_how_many_rows_there_are_is_told_around_the_truth(real, public):
    for state in real.index.datasets.values():
        assert public.records[state.name].keys() == state.records.keys()
        assert public.records[state.name]["person"].at_most is not None
        for entity, count in public.records[state.name].items():
            assert holds(count, state.records[entity])


def test_of_every_field_it_is_told_how_many_rows_lack_it(real, public):
    for state in real.index.datasets.values():
        assert public.lacking[state.name].keys() == {f for f in state.fields if f.split(".")[0] in state.records}
        lacking = public.lacking[state.name]["series.modality"]
        assert holds(lacking, state.fields["series.modality"].lacking)


def test_codes_that_fewer_than_five_people_have_are_suppressed(real, public):
    for field, datasets in real.index.people_by_code().items():
        for dataset, codes in datasets.items():
            told = public.codes[dataset][field]
            assert all(told[code].precision == "suppressed" for code, people in codes.items() if people < 5)
