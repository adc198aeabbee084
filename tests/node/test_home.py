"""The directory of a node."""

import json
import stat

import pytest

from oncommons.node.home import Membership, make_home, open_home
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.privacy import Privacy
from oncommons.schema.errors import AlreadyANode, BadPolicy, NotANode, NotJoined, StorageFailed
from oncommons.storage.keys import load_key

MEMBERSHIP = Membership("athens", "https://hub.example.org", "urn:x", {"keys": [{"kty": "OKP"}]}, "ca.pem")


def test_what_was_made_can_be_opened(tmp_path):
    made = make_home(tmp_path / "deep" / "athens", Policy("threshold", 7))
    assert open_home(tmp_path / "deep" / "athens") == made
    assert (made.policy, made.membership) == (Policy("threshold", 7), None)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700


def test_a_node_compresses_what_it_keeps_when_told_so_and_ends_it_when_told_so(tmp_path):
    made = make_home(tmp_path / "athens", Policy("open"), compress=True)
    assert (made.compress, open_home(made.folder)) == (True, made)
    assert made.with_compress(compress=False) == open_home(made.folder)
    assert not open_home(made.folder).compress


def test_a_node_of_an_earlier_version_does_not_compress(home):
    body = json.loads((home.folder / "node.json").read_text())
    del body["compress"]
    (home.folder / "node.json").write_text(json.dumps(body))
    assert not open_home(home.folder).compress


def test_the_key_is_readable_by_its_owner_only(home):
    assert stat.S_IMODE(home.key_file.stat().st_mode) == 0o600
    assert load_key(home.key_file).is_private


def test_two_nodes_have_two_keys(home, tmp_path):
    other = make_home(tmp_path / "other", home.policy)
    assert load_key(home.key_file).thumbprint() != load_key(other.key_file).thumbprint()


def test_a_node_is_not_made_twice(home):
    before = {path.name: path.read_bytes() for path in home.folder.iterdir()}
    with pytest.raises(AlreadyANode, match="nothing was changed"):
        make_home(home.folder, Policy("threshold"))
    assert {path.name: path.read_bytes() for path in home.folder.iterdir()} == before


def test_a_key_that_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "key.pem").write_text("precious")
    with pytest.raises(StorageFailed):
        make_home(tmp_path, Policy("open"))
    assert (tmp_path / "key.pem").read_text() == "precious"


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "athens").write_text("")
    with pytest.raises(StorageFailed, match="athens cannot be used"):
        make_home(tmp_path / "athens", Policy("open"))


def test_membership_and_policy_are_kept(home):
    home.with_membership(MEMBERSHIP).with_policy(Policy("threshold", 20))
    again = open_home(home.folder)
    assert (again.joined(), again.policy) == (MEMBERSHIP, Policy("threshold", 20))


def test_a_node_that_has_not_joined_says_how_to(home):
    with pytest.raises(NotJoined, match="oncommons node join"):
        home.joined()


def test_the_description_holds_no_secret(home):
    home.with_membership(MEMBERSHIP)
    text = (home.folder / "node.json").read_text()
    assert "PRIVATE" not in text
    assert load_key(home.key_file).as_dict(private=True)["d"] not in text


def test_an_empty_directory_is_not_a_node(tmp_path):
    with pytest.raises(NotANode, match="oncommons node init"):
        open_home(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"policy": null, "membership": null}',
        '{"policy": {"rule": "open"}, "membership": null}',
        '{"policy": {"rule": "threshold", "k": "10"}, "membership": null}',
        '{"policy": {"rule": "open", "k": 10}}',
        '{"policy": {"rule": "open", "k": 10}, "membership": {"name": "athens"}}',
        '{"policy": {"rule": "open", "k": 10}, "membership": ["athens"]}',
    ],
)
def test_a_damaged_description_is_told(home, text):
    (home.folder / "node.json").write_text(text)
    with pytest.raises(NotANode):
        open_home(home.folder)


def test_a_description_with_a_policy_that_does_not_exist_is_never_taken_for_an_open_one(home):
    body = {"policy": {"rule": "secret", "k": 10}, "membership": None}
    (home.folder / "node.json").write_text(json.dumps(body))
    with pytest.raises(BadPolicy):
        open_home(home.folder)


def test_a_node_has_a_budget_of_privacy_and_one_of_an_earlier_version_the_usual(home):
    chosen = Privacy(0.25, 5, 6, 90, 2, 4)
    assert open_home(home.with_privacy(chosen).folder).privacy == chosen
    file = home.folder / "node.json"
    body = json.loads(file.read_text())
    del body["privacy"]
    file.write_text(json.dumps(body))
    assert open_home(home.folder).privacy == Privacy()


def test_a_node_has_a_budget_and_one_of_an_earlier_version_the_usual(home):
    assert open_home(home.with_budget(Budget(5, 6, 7)).folder).budget == Budget(5, 6, 7)
    body = json.loads((home.folder / "node.json").read_text())
    del body["budget"]
    (home.folder / "node.json").write_text(json.dumps(body))
    assert open_home(home.folder).budget == Budget()


def test_the_secret_of_the_noise_is_readable_by_its_owner_only(home):
    assert stat.S_IMODE((home.folder / "disclosure.key").stat().st_mode) == 0o600
    assert len((home.folder / "disclosure.key").read_bytes()) == 32


def test_a_node_of_before_there_was_the_setting_gives_no_images_to_the_outside(tmp_path):
    home = make_home(tmp_path / "athens", Policy("open")).with_showing("consent")
    file = home.folder / "node.json"
    assert open_home(home.folder).showing == "consent"
    body = json.loads(file.read_text())
    file.write_text(json.dumps({name: value for name, value in body.items() if name != "outside"}))
    assert open_home(home.folder).showing == "off"
    file.write_text(json.dumps(body | {"outside": "everybody"}))
    with pytest.raises(NotANode):
        open_home(home.folder)
