"""What opens the images of a node for other programs: a token that is made anew in time."""

from types import SimpleNamespace

from oncommons.client.images import EARLIER_SECONDS, Images
from oncommons.schema.federation import ImageToken


class Hub:
    """A hub that gives tokens for a hundred seconds."""

    def __init__(self):
        self.now, self.given = 1_000.0, []

    def image_token(self, node, permit):
        self.given.append((node, permit))
        return ImageToken(f"t{len(self.given)}", node, f"token {len(self.given)}", int(self.now) + 100)


def test_a_token_is_asked_for_when_it_is_needed_and_kept_until_it_is_about_to_end():
    hub = Hub()
    images = Images(hub, "athens", "P-7.x", lambda: hub.now)
    assert hub.given == []
    assert [images.token(), images.token()] == ["token 1", "token 1"]
    hub.now += 100 - EARLIER_SECONDS
    assert images.token() == "token 1"
    hub.now += 0.1
    assert images.token() == "token 2"
    assert hub.given == [("athens", "P-7.x")] * 2


def test_it_is_shown_with_each_request():
    request = SimpleNamespace(headers={"accept": "*/*"})
    assert Images(Hub(), "athens", "P-7.x")(request) is request
    assert request.headers == {"accept": "*/*", "Authorization": "Bearer token 1"}
