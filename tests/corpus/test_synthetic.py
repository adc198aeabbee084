"""Nothing is left of the synthetic patients of dentdeid, whose maker put a number where no table expects it."""

import pytest
from dentdeid.synth.corpus import build
from tests.corpus.synthetic import keys_in, left_in, told, written
from tests.imaging.files import KEYS

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_string_of_their_keys_is_left(tmp_path, seed):
    build(tmp_path, n=12, seed=seed, include_cbct=False)
    keys = keys_in(tmp_path)
    assert sum(map(len, keys.values())) > 80
    (tmp_path / "out").mkdir()
    for path in keys:
        done = deidentify(path.read_bytes(), CANCER_RESEARCH, KEYS, looked=True)
        (tmp_path / "out" / f"{done.sop}.dcm").write_bytes(done.content)
    assert left_in(keys, tmp_path / "out") == {}
    assert left_in(keys, tmp_path / "dicom").keys() == {one for strings in keys.values() for one in strings}


def test_what_is_looked_for_is_what_the_key_tells_and_no_time_of_day():
    key = {"phi_strings": ["Meia"], "identity": {"family": "Özil", "sex": "F", "exam_time": "172516"}}
    assert told(key) == {"Meia", "Özil", "172516"}
    assert written("Özil") == {"özil".encode(), "özil".encode("latin-1")}
    assert written("172516") == written("Jo") == set()
