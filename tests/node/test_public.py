"""What everybody is told holds the truth, of the real index."""

import pytest
from tests.node.tables import index_of

from oncommons.node.public import tell_public
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Teller


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


def rows_of(sizes):
    """An index of people with so many series each."""
    return index_of(*({"person": f"p{n:03d}"} for n, size in enumerate(sizes) for _ in range(size)))


def test_how_many_rows_of_a_person_count_is_not_decided_by_one_who_is_not_of_the_sample():
    """Forty-five people have nine series each, nine of them of the sample, and one more may; a tenth of the sample decides."""
    for seed in range(2):
        noise = Noise(bytes([seed]) * 32, Shape(10))
        sample = noise.sample("d", 200)
        sizes = [1] * 100
        of_it = [n for n in range(100) if sample >> n & 1]
        others = [n for n in range(100) if not sample >> n & 1]
        for n in (of_it[:9] + others)[:45]:
            sizes[n] = 9
        units = []
        for more in (others[50], of_it[9]):
            index = rows_of(sizes)
            units += [place.unit for place in index.places("series", noise.is_small).values()]
            index.close()
            sizes[more] = 9
            index = rows_of(sizes)
            units += [place.unit for place in index.places("series", noise.is_small).values()]
            index.close()
        assert units == [1, 1, 1, 16]
