"""Series with known defects, and good ones that look odd."""

import random

import pytest
from tests.imaging.checks.made import codes, image, series

from oncommons.imaging.checks.completeness import holes
from oncommons.imaging.checks.series import check_series


def found(images):
    return {finding.code: finding for finding in check_series(images)}


def dynamic(times=6, slices=12, **more):
    return [
        image(t * slices + i + 1, 4.0 * i, temporal_position=str(t + 1), **more)
        for t in range(times)
        for i in range(slices)
    ]


def test_a_whole_series_has_no_finding():
    assert check_series(series()) == ()


@pytest.mark.parametrize("seed", range(8))
def test_slices_that_were_taken_out_are_counted(seed):
    chance = random.Random(seed)
    images = series(60, apart=chance.choice([0.7, 1.25, 3.27, 5.0]))
    out = set(chance.sample(range(1, 59), chance.randrange(1, 7)))
    findings = found([one for i, one in enumerate(images) if i not in out])
    assert findings["missing-slices"].numbers["missing"] == len(out)
    assert findings["numbers-missing"].numbers["missing"] == len(out)


def test_positions_rounded_to_a_tenth_of_a_millimetre_are_even():
    images = [image(i + 1, round(i * 0.625, 1)) for i in range(100)]
    assert check_series(images) == ()


def test_a_gap_between_images_numbered_in_a_row_is_only_doubted():
    images = [image(i + 1, 3.0 * i + (30 if i >= 20 else 0)) for i in range(40)]
    assert codes(check_series(images)) == {"gap-as-numbered"}


def test_a_spacing_that_changes_is_uneven_and_nothing_is_missing():
    images = [image(i + 1, at) for i, at in enumerate([*range(0, 60, 2), *range(60, 200, 4)])]
    assert codes(check_series(images)) == {"uneven-spacing"}
    assert codes(check_series([image(i + 1, at) for i, at in enumerate([0, 3, 6, 10.2, 13.2, 16.2])])) == {
        "uneven-spacing"
    }


def test_holes_are_counted_by_the_usual_distance():
    places = [0.0, 1.0, 2.0, 5.0, 6.0, 7.0]
    (hole,), odd = holes(places)
    assert (hole.after, hole.before, hole.missing, odd) == (2.0, 5.0, 2, [])
    assert holes([0.0, 1.0]) == holes([]) == ([], [])


def test_an_image_that_was_sent_twice_is_found():
    images = series()
    assert codes(check_series([*images, {**images[7], "00080018": "1.2.3.99"}])) == {
        "double-positions",
        "numbers-doubled",
    }
    assert found([*images, image(99, 21.0)])["double-positions"].numbers == {"positions": 1, "of": 40}


def test_a_series_that_was_sent_twice_is_found():
    again = [{**one, "00080018": f"9.{one['00080018']}"} for one in series()]
    assert "double-positions" in codes(check_series([*series(), *again]))


@pytest.mark.parametrize("tag", ["temporal_position", "echo_time", "b_value", "cardiac_phase", "acquisition_number"])
def test_several_images_at_a_position_are_no_fault_where_they_differ(tag):
    images = [image(i * 20 + n + 1, 3.0 * n, **{tag: str(i)}) for i in range(5) for n in range(20)]
    assert check_series(images) == ()


def test_volumes_that_nothing_tells_apart_are_only_noted():
    images = [image(t * 15 + i + 1, 4.0 * i) for t in range(10) for i in range(15)]
    assert found(images)["unexplained-volumes"].numbers == {"positions": 15, "images": 10}
    assert len(found(images)) == 1


def test_two_acquisitions_that_overlap_are_no_fault():
    chest = [image(i + 1, 3.0 * i, acquisition_number="1") for i in range(30)]
    abdomen = [image(i + 31, 3.0 * i + 75, acquisition_number="2") for i in range(30)]
    assert check_series([*chest, *abdomen]) == ()


def test_a_time_point_that_lacks_slices_is_found():
    images = dynamic()
    del images[40], images[10]
    assert found(images)["missing-slices"].numbers == {"missing": 2, "volumes": 6, "slices": 12}


def test_fewer_slices_or_time_points_than_stated_are_found():
    pet = series(30, modality="PT", slices="32")
    assert found(pet)["fewer-than-stated"].numbers == {"stated": 32, "found": 30}
    assert found(dynamic(temporal_positions="7"))["fewer-than-stated"].numbers == {"stated": 7, "found": 6}
    assert check_series(dynamic(temporal_positions="6")) == ()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"orientation": "0\\1\\0\\0\\0\\-1"}, "mixed-orientation"),
        ({"pixel_spacing": "0.5\\0.5"}, "mixed-spacing"),
        ({"rows": "256", "pixels": "262144"}, "mixed-matrix"),
        ({"frame_of_reference": "1.2.7"}, "mixed-frame"),
        ({"modality": "MR"}, "mixed-kinds"),
    ],
)
def test_what_cannot_lie_in_one_volume_is_found(more, code):
    images = [*series(20), *(image(i + 21, 60 + 3.0 * i, **more) for i in range(20))]
    assert code in codes(check_series(images))


def test_localizers_and_pictures_of_screens_may_be_of_any_geometry():
    scout = image(41, 12.0, orientation="0\\1\\0\\0\\0\\-1", image_type="ORIGINAL\\PRIMARY\\LOCALIZER", rows="512")
    picture = image(42, 13.0, sop_class="1.2.840.10008.5.1.4.1.1.7", rows="100", columns="100", pixels="20000")
    assert check_series([*series(), scout, picture]) == ()


def test_a_tilted_gantry_is_noted():
    images = [image(i + 1, position=f"0\\{0.33 * 3 * i:.4f}\\{3 * i}") for i in range(30)]
    assert found(images)["leaning-stack"].numbers["sideways_per_mm"] == pytest.approx(0.33, abs=1e-3)


def test_numbers_in_steps_are_no_fault():
    assert check_series([image(3 * i + 7, 2.0 * i) for i in range(20)]) == ()


def test_numbers_that_are_missing_where_no_slice_is_are_only_noted():
    images = [image(i + (20 if i > 10 else 1), 3.0 * i) for i in range(30)]
    finding = found(images)["numbers-missing"]
    assert "without a gap" in finding.words
    assert finding.rule.level == "note"
