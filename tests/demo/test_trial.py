"""The trial as it is dealt to hospitals: all of it, once, unevenly, always alike."""

from collections import Counter
from statistics import median

import pytest
from lifelines.datasets import load_gbsg2
from tests.demo.trials import trial_home

from oncommons.demo import trial
from oncommons.demo.trial import SHARES, dealt, women, write_part
from oncommons.schema.errors import MissingPackage


def test_the_table_is_the_published_one():
    rows, published = women(), load_gbsg2()
    assert [int(row["time"]) for row in rows] == published["time"].tolist()
    assert sum(row["cens"] == "1" for row in rows) == 299
    assert Counter(row["horTh"] for row in rows) == {"no": 440, "yes": 246}
    assert sum(row["progesterone"] == "positive" for row in rows) == (published["progrec"] >= 20).sum()


def test_every_woman_is_at_one_hospital_and_always_at_the_same():
    rows = women()
    hospitals = dealt(rows)
    assert sorted(row["patient"] for one in hospitals for row in one) == [row["patient"] for row in rows]
    assert dealt(rows) == hospitals


def test_hospitals_differ_in_size_and_in_how_ill_their_patients_are():
    hospitals = dealt(women())
    assert [len(one) for one in hospitals] == [252, 160, 107, 91, 76]
    assert all(sum(shares) == 100 for shares in SHARES.values())
    severe = [sum(row["tgrade"] == "III" for row in one) / len(one) for one in hospitals]
    assert (severe[0] > 0.3, severe[-1] < 0.1) == (True, True)


def test_a_hospital_has_women_of_the_whole_table_and_not_of_a_part_of_it():
    middles = [median(int(row["patient"]) for row in one) for one in dealt(women())]
    assert all(250 < middle < 440 for middle in middles)


def test_a_hospital_takes_in_its_file_whole(tmp_path):
    with trial_home(tmp_path, 4).tables.open() as base:
        found = dict(
            base.execute(
                "SELECT 'people', count(*) FROM person UNION SELECT 'episodes', count(*) FROM episode"
            ).fetchall()
        )
    assert found == {"people": 76, "episodes": 25}


def test_what_to_install_is_said_where_the_table_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "find_spec", lambda _: None)
    with pytest.raises(MissingPackage, match="oncommons\\[demo\\]"):
        write_part(tmp_path, 0)
