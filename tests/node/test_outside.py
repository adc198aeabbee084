"""Who outside may have which images: what the permit, the data manager and patients decide, and that it holds at once."""

import json
import shutil
from contextlib import closing

import pytest
from tests.node.checked import keep
from tests.node.images import dicom
from tests.node.visits import MINE, bearer, contour, fill, join, objects, token_for
from tests.permits import END, HUB, NOW, OTHER_HUB, a_permit

from oncommons.node.home import make_home, version_of
from oncommons.node.intake import Intake
from oncommons.node.optouts import come_back, opt_out
from oncommons.node.outside import ImageGate, tracer
from oncommons.node.recording import open_log
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_permits import BeyondPermit, ImagesClosed, ImagesNotOpened
from oncommons.storage.decisions import Person
from oncommons.storage.ledger import Ledger
from oncommons.storage.permitted import PERMITS, Permitted


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    return fill(join(make_home(folder / "athens", Policy("open"))), folder)


@pytest.fixture
def home(filled, tmp_path):
    """A copy of a node that holds two datasets."""
    copied = type(filled)(shutil.copytree(filled.folder, tmp_path / "athens"), filled.policy, filled.membership)
    return join(copied)


@pytest.fixture
def gate(home):
    with closing(Ledger(home.ledger_file)) as ledger, closing(ImageGate(home, ledger, lambda: NOW)) as made:
        yield made


@pytest.fixture
def manager(home):
    """What the data manager decides, in another process."""
    with closing(Permitted(home.folder / PERMITS)) as found:
        yield found


def enter(gate, **parts):
    return gate.let_in(bearer(token_for(**parts))["authorization"])


def refused_by(gate, **parts):
    with pytest.raises(BeyondPermit) as caught:
        enter(gate, **parts)
    return caught.value.at.removeprefix("permit.")


def count(gate, **parts):
    """How many objects there are for somebody who comes in."""
    return sum(1 for _ in gate.scope(enter(gate, **parts)).instances())


def entered(home):
    with closing(open_log(home)) as log:
        return [e["body"] for e in map(json.loads, log.lines()) if e["kind"] == "images"]


def test_a_permit_opens_the_images_of_its_datasets_and_no_others(gate, home):
    assert (count(gate), len(objects(home))) == (4, 9)
    assert count(gate, datasets=[{"node": "athens", "dataset": name} for name in ("d", "secret")]) == 9


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"analyses": ["count"]}, "analysis"),
        ({"variables": ["person.sex"]}, "variable"),
        ({"datasets": [{"node": "athens", "dataset": "gone"}]}, "dataset"),
        ({"datasets": [{"node": "athens", "dataset": "d", "version": "old"}]}, "version"),
        ({"period": {"not_before": "2026-12-03", "not_after": "2027-12-02"}}, "begin"),
    ],
)
def test_what_the_permit_does_not_cover_is_refused_with_the_rule_and_entered(gate, home, parts, rule):
    assert refused_by(gate, **parts) == rule
    (entry,) = entered(home)
    assert (entry["code"], entry["permit"]) == ("E374", "P-7")
    assert f"The rule {rule} says" in entry["message"]
    assert [visit.person for visit in gate.permits.visits()] == ["ana"]
    assert '"ana"' not in json.dumps(entry)


def test_a_permit_of_another_hub_is_refused_though_its_keys_are_pinned(home):
    keys = {"keys": [*HUB.keys()["keys"], *OTHER_HUB.keys()["keys"]]}
    with_both = home.with_membership(type(home.membership)("athens", "u", HUB.name, keys))
    with closing(Ledger(home.ledger_file)) as ledger, closing(ImageGate(with_both, ledger, lambda: NOW)) as gate:
        assert refused_by(gate, hub=OTHER_HUB) == "hub"


def test_a_token_ends_with_its_permit(gate):
    token = token_for(now=END - 60)
    gate.clock = lambda: END - 1
    gate.let_in(f"Bearer {token}")
    gate.clock = lambda: END
    with pytest.raises(ImagesNotOpened):
        gate.let_in(f"Bearer {token}")


def test_a_permit_that_is_taken_back_opens_nothing_from_that_moment_on(gate, manager):
    visitor = enter(gate)
    (one, *_) = gate.scope(visitor).instances()
    manager.revoke("P-7", NOW)
    assert refused_by(gate) == "revoked"
    with pytest.raises(BeyondPermit):
        one.open()


def test_a_data_manager_is_asked_for_a_consent_to_images_apart_from_that_to_questions(gate, home, manager):
    join(home, "consent")
    assert refused_by(gate) == "consent"
    manager.consent("lung", NOW)
    assert refused_by(gate) == "consent"
    manager.consent_to_images("lung", NOW)
    assert count(gate) == 4
    home.with_showing("consent").with_demand("consent")
    assert count(gate) == 4
    manager.consent("lung", None)
    assert refused_by(gate) == "consent"
    manager.consent("lung", NOW)
    manager.consent_to_images("lung", None)
    assert refused_by(gate) == "consent"


def test_a_node_that_wants_consent_to_questions_wants_it_for_images_too(gate, home, manager):
    home.with_demand("consent")
    assert refused_by(gate) == "consent"
    manager.consent("lung", NOW)
    assert count(gate) == 4


def test_images_are_no_run_and_need_a_consent_of_their_own_where_each_run_does(gate, home, manager):
    home.with_demand("run")
    assert refused_by(gate) == "consent"
    manager.consent("lung", NOW)
    assert refused_by(gate) == "consent"
    manager.consent_to_images("lung", NOW)
    assert count(gate) == 4


def test_a_permit_that_the_hub_took_back_opens_nothing_from_the_moment_that_the_node_hears_of_it(gate, manager):
    visitor = enter(gate)
    (one, *_) = gate.scope(visitor).instances()
    manager.hear("hub", 5, ["P-7"])
    assert refused_by(gate) == "revoked"
    with pytest.raises(BeyondPermit):
        one.open()


def test_a_data_manager_closes_images_at_once(gate, home):
    visitor = enter(gate)
    (one, *_) = gate.scope(visitor).instances()
    join(home, "off")
    with pytest.raises(ImagesClosed):
        enter(gate)
    with pytest.raises(ImagesClosed):
        one.open()
    assert [e["code"] for e in entered(home)] == ["E378"]


@pytest.mark.parametrize("taken", ["series", "series.modality", "person.sex", "study", "study.study_year", "person"])
def test_images_are_refused_where_something_was_taken_away_that_they_tell(gate, manager, taken):
    manager.restrict("lung", json.dumps({"datasets": [], "variables": [taken], "groups": True, "until": None}))
    assert refused_by(gate) == "restriction"


@pytest.mark.parametrize("taken", ["person.vital_status", "condition", "measurement"])
def test_images_are_given_where_something_else_was_taken_away(gate, manager, taken):
    manager.restrict("lung", json.dumps({"datasets": [], "variables": [taken], "groups": True, "until": None}))
    assert count(gate) == 4


def test_a_dataset_that_is_taken_away_is_gone_for_who_is_there_already(gate, manager):
    both = [{"node": "athens", "dataset": name} for name in ("d", "secret")]
    visitor = enter(gate, datasets=both)
    (one, *_) = gate.scope(visitor).instances()
    manager.restrict("lung", json.dumps({"datasets": ["secret"], "variables": [], "groups": True, "until": None}))
    with pytest.raises(NotFound):
        one.open()
    assert count(gate, datasets=both) == 4


def test_who_opts_out_is_gone_also_for_who_is_there_already(gate, home):
    visitor = enter(gate)
    found = list(gate.scope(visitor).instances())
    person = found[0].patient
    opt_out(home, [person], Person("mira", "command line"))
    left = [one for one in found if one.patient != person]
    assert [one.sop for one in gate.scope(visitor).instances()] == [one.sop for one in left]
    assert 0 < len(left) < len(found)
    with pytest.raises(NotFound):
        found[0].open()
    come_back(home, [person], Person("mira", "command line"))
    assert count(gate) == 4


def at_version(home):
    return [{"node": "athens", "dataset": "d", "version": version_of(home.tables.state())}]


def test_a_version_is_that_of_the_data_and_ends_with_them(gate, home, tmp_path):
    named = at_version(home)
    assert count(gate, datasets=named) == 4
    (person,) = {one.patient for one in objects(home) if (one.dataset, one.modality) == ("d", "CT")}
    opt_out(home, [person], Person("mira", "command line"))
    assert count(gate, datasets=named) == 1
    keep(home, tmp_path / "more", {"5": dicom(1, 1, 6, "DORA")}, "d")
    assert refused_by(gate, datasets=named) == "version"
    assert count(gate) == 2


def test_what_comes_before_the_tables_are_made_anew_is_not_of_the_version(gate, home, tmp_path):
    """An import keeps images first; a series that has grown meanwhile is not the one that the permit names."""
    with Intake(home) as intake:
        intake.take(dicom(5), "d")
        intake.take(dicom(1, 1, 6, "DORA"), "d")
    assert count(gate) == 6
    seen = [one.attributes["00080060"] for one in gate.scope(enter(gate, datasets=at_version(home))).instances()]
    assert seen == ["MR"]
    assert len(gate.scope(enter(gate, datasets=at_version(home))).series()) == 1


def test_what_is_not_named_at_a_version_follows_the_data(gate, home, tmp_path):
    keep(home, tmp_path / "more", {"5": dicom(5), "contour": contour()}, "d")
    assert count(gate) == 5  # the contour is kept in the other dataset already


def test_whose_a_token_is_stands_where_it_can_be_deleted(gate, home):
    token = HUB.image_token(a_permit(**MINE), "ana", "athens", NOW)
    for _ in range(2):
        gate.let_in(f"Bearer {token.token}")
    (visit,) = gate.permits.visits()
    assert (visit.token, visit.permit, visit.person) == (token.id, "P-7", "ana")
    assert [p.id for p in gate.permits.permits()] == ["P-7"]
    gate.enter(gate.let_in(f"Bearer {token.token}"), {"status": 200})
    assert '"ana"' not in json.dumps(entered(home))


def test_what_stands_for_an_identifier_needs_the_secret_of_the_node(home, tmp_path):
    other = make_home(tmp_path / "bergen", Policy("open"))
    assert tracer(home)("1.2.3") == tracer(home)("1.2.3") != tracer(other)("1.2.3")
    assert len(tracer(home)("1.2.3")) == 32
    assert tracer(home)("\udc80") != tracer(home)("1.2.4")


def test_a_node_without_tables_has_no_dataset_to_open(tmp_path):
    empty = join(make_home(tmp_path / "athens", Policy("open")))
    with closing(Ledger(empty.ledger_file)) as ledger, closing(ImageGate(empty, ledger, lambda: NOW)) as gate:
        assert refused_by(gate) == "dataset"
