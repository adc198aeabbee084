"""Who is calling: assertions, access tokens and orders, good and forged."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey
from tests.permits import a_permit

from oncommons.schema.errors import ClockSkew, NodeUnknown, TokenRefused
from oncommons.schema.errors_of_permits import BadPermit, ImagesNotOpened, PermitNotTrusted
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.schema.federation import (
    ACCESS_TYPE,
    ASSERTION_SECONDS,
    CHECKPOINT_TYPE,
    CLOCK_LEEWAY,
    IMAGES_SECONDS,
    ORDER_TYPE,
)
from oncommons.schema.permit import PERMIT_TYPE
from oncommons.service.identity import (
    LONGEST_IMAGE_TOKEN,
    TOKEN_SECONDS,
    Checkpoint,
    Issuer,
    OrderReader,
    asker_in,
    asker_of,
    read_assertion,
    read_checkpoint,
    sign_checkpoint,
    thumbprint_of,
)
from oncommons.storage.chain import Head
from oncommons.storage.keys import public_part

NOW = 1_790_000_000.0
QUESTION = {"count": "person"}


def a_key():
    made = OKPKey.generate_key("Ed25519")
    return OKPKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})


HUB, OTHER_HUB, NODE, STRANGER = Issuer(a_key()), Issuer(a_key()), a_key(), a_key()


def sign(key, claims, **header):
    """A JWS of any claims under any header, signed by joserfc itself and not by the code under test."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jws.serialize_compact({"alg": "Ed25519"} | header, payload, key, algorithms=["Ed25519"])


def b64(body):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def changed(token, **claims):
    """A token whose claims were changed after it was signed."""
    head, payload, signature = token.split(".")
    return ".".join([head, b64(json.loads(unb64(payload)) | claims), signature])


def without_signature(token):
    return ".".join([b64({"alg": "none", "typ": ACCESS_TYPE}), token.split(".")[1], ""])


def with_public_key_as_secret(token, key, kind):
    """The confusion of algorithms (RFC 8725, section 2.1): HMAC with the public key, which everybody knows."""
    head = b64({"alg": "HS256", "typ": kind, "kid": key.thumbprint()})
    signed = f"{head}.{token.split('.')[1]}"
    secret = key.as_pem(private=False)
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def claims_of(**changes):
    claims = {"iss": "athens", "sub": "athens", "aud": HUB.name, "jti": "once", "iat": NOW, "exp": NOW + 60}
    return {key: value for key, value in (claims | changes).items() if value is not None}


def an_assertion(key=NODE, **changes):
    return sign(key, claims_of(**changes))


def find_key(name):
    if name != "athens":
        raise NodeUnknown(f"no {name}")
    return NODE.as_dict(private=False)


def check(text, now=NOW):
    return read_assertion(text, find_key, HUB.name, now)


def read_order(text, keys):
    return OrderReader(keys).read(text)[:2]


def test_a_good_assertion_says_who_signed_it_and_its_number():
    proof = check(an_assertion())
    assert (proof.node, proof.jti) == ("athens", "once")


def test_an_assertion_is_remembered_for_longer_than_it_can_be_used():
    last = ASSERTION_SECONDS + CLOCK_LEEWAY
    assert check(an_assertion(), NOW + last).expires > NOW + last
    with pytest.raises(ClockSkew):
        check(an_assertion(), NOW + last + 1)


def test_an_assertion_signed_by_another_key_is_refused():
    with pytest.raises(TokenRefused, match="not valid"):
        check(an_assertion(STRANGER))


def test_an_assertion_changed_after_signing_is_refused():
    with pytest.raises(TokenRefused, match="not valid"):
        check(changed(an_assertion(), jti="twice"))


@pytest.mark.parametrize(
    "audience", [OTHER_HUB.name, "", None, [HUB.name, "other"]], ids=["another", "empty", "none", "several"]
)
def test_an_assertion_for_another_hub_is_refused(audience):
    with pytest.raises(TokenRefused, match="another hub"):
        check(an_assertion(aud=audience))


@pytest.mark.parametrize("claim", [{"iss": "berlin"}, {"iss": None}, {"jti": None}, {"jti": ""}])
def test_an_assertion_that_lacks_a_claim_is_refused(claim):
    with pytest.raises(TokenRefused):
        check(an_assertion(**claim))


def test_an_assertion_of_a_node_that_is_not_known_is_told_as_such():
    with pytest.raises(NodeUnknown, match="no berlin"):
        check(an_assertion(sub="berlin", iss="berlin"))


@pytest.mark.parametrize(("minutes", "side"), [(10, "10 minutes ahead of"), (-10, "10 minutes behind")])
def test_a_clock_that_is_ten_minutes_off_is_told_with_its_direction(minutes, side):
    with pytest.raises(ClockSkew, match=f"The node's clock is {side} the hub's"):
        check(an_assertion(iat=NOW + 60 * minutes))


@pytest.mark.parametrize("seconds", [CLOCK_LEEWAY, -CLOCK_LEEWAY])
def test_a_clock_that_is_off_by_the_leeway_will_do(seconds):
    assert check(an_assertion(iat=NOW + seconds)).node == "athens"


def test_a_forged_assertion_is_not_told_about_clocks():
    with pytest.raises(TokenRefused):
        check(an_assertion(STRANGER, iat=NOW + 600))


NO_TIMES = {"text": "ten", "list": [], "map": {}, "NaN": float("nan"), "infinite": float("inf"), "huge": 10**400}


@pytest.mark.parametrize("made", NO_TIMES.values(), ids=NO_TIMES)
def test_an_assertion_whose_time_is_not_a_number_is_refused(made):
    with pytest.raises(TokenRefused):
        check(an_assertion(iat=made))


def test_an_assertion_that_says_itself_that_it_has_expired_is_refused():
    with pytest.raises(TokenRefused):
        check(an_assertion(exp=NOW - 600))


def test_a_long_number_of_an_assertion_is_cut_to_what_the_hub_can_keep():
    assert len(check(an_assertion(jti="x" * 4_000)).jti) == 128


def test_an_access_token_says_whose_it_is():
    assert HUB.bearer(HUB.token("athens", NOW), NOW) == "athens"


def test_an_access_token_does_not_serve_as_an_assertion():
    with pytest.raises(TokenRefused):
        check(HUB.token("athens", NOW))


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (TOKEN_SECONDS - 1, True), (TOKEN_SECONDS, False)])
def test_an_access_token_serves_for_ten_minutes(seconds, good):
    token = HUB.token("athens", NOW)
    if good:
        assert HUB.bearer(token, NOW + seconds) == "athens"
        return
    with pytest.raises(TokenRefused, match="expired"):
        HUB.bearer(token, NOW + seconds)


def test_an_access_token_expires_although_it_was_read_before():
    token = HUB.token("athens", NOW)
    HUB.bearer(token, NOW)
    with pytest.raises(TokenRefused, match="expired"):
        HUB.bearer(token, NOW + TOKEN_SECONDS)


def test_no_two_access_tokens_are_the_same():
    assert HUB.token("athens", NOW) != HUB.token("athens", NOW)


def test_the_access_token_of_another_hub_is_refused():
    with pytest.raises(TokenRefused, match="not one of this hub's"):
        HUB.bearer(OTHER_HUB.token("athens", NOW), NOW)


def test_an_access_token_changed_after_signing_is_refused():
    with pytest.raises(TokenRefused):
        HUB.bearer(changed(HUB.token("athens", NOW), sub="berlin"), NOW)


@pytest.mark.parametrize(
    ("kind", "audience"),
    [("JWT", HUB.name), (ORDER_TYPE, HUB.name), (None, HUB.name), (ACCESS_TYPE, OTHER_HUB.name)],
    ids=["no token", "an order", "no type", "for another hub"],
)
def test_something_else_that_the_hub_signed_is_no_access_token(kind, audience):
    claims = {"sub": "athens", "aud": audience, "exp": NOW + 600}
    with pytest.raises(TokenRefused):
        HUB.bearer(sign(HUB.key, claims, **({"typ": kind} if kind else {})), NOW)


def test_an_order_does_not_serve_as_an_access_token():
    with pytest.raises(TokenRefused):
        HUB.bearer(HUB.order("q", QUESTION, NOW), NOW)


def test_an_order_brings_the_question_and_its_number():
    assert read_order(HUB.order("q", QUESTION, NOW), HUB.keys()) == ("q", QUESTION)


def test_an_order_signed_by_any_of_the_pinned_keys_is_read():
    keys = {"keys": [*OTHER_HUB.keys()["keys"], *HUB.keys()["keys"]]}
    assert read_order(HUB.order("q", QUESTION, NOW), keys)[0] == "q"


def test_an_order_of_another_hub_is_not_carried_out():
    with pytest.raises(TokenRefused, match="not carried out"):
        read_order(OTHER_HUB.order("q", QUESTION, NOW), HUB.keys())


def test_an_order_that_names_the_pinned_key_but_is_signed_by_another_is_not_carried_out():
    forged = sign(STRANGER, {"jti": "q", "question": QUESTION}, typ=ORDER_TYPE, kid=HUB.key.thumbprint())
    with pytest.raises(TokenRefused):
        read_order(forged, HUB.keys())


@pytest.mark.parametrize("change", [{"question": {"count": "series"}}, {"jti": "other"}])
def test_an_order_changed_on_the_way_is_not_carried_out(change):
    with pytest.raises(TokenRefused):
        read_order(changed(HUB.order("q", QUESTION, NOW), **change), HUB.keys())


def test_an_access_token_is_no_order():
    with pytest.raises(TokenRefused):
        read_order(HUB.token("athens", NOW), HUB.keys())


@pytest.mark.parametrize("missing", ["jti", "question"])
def test_an_order_without_its_question_or_number_is_not_carried_out(missing):
    claims = {"jti": "q", "question": QUESTION}
    del claims[missing]
    with pytest.raises(TokenRefused):
        read_order(sign(HUB.key, claims, typ=ORDER_TYPE, kid=HUB.key.thumbprint()), HUB.keys())


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": None}, {"keys": [{"kty": "OKP"}]}, {"keys": [5]}])
def test_without_a_pinned_key_no_order_is_carried_out(keys):
    with pytest.raises(TokenRefused):
        read_order(HUB.order("q", QUESTION, NOW), keys)


READERS = {
    "assertion": (check, an_assertion(), NODE, "JWT"),
    "access token": (lambda text: HUB.bearer(text, NOW), HUB.token("athens", NOW), HUB.key, ACCESS_TYPE),
    "order": (lambda text: read_order(text, HUB.keys()), HUB.order("q", QUESTION, NOW), HUB.key, ORDER_TYPE),
    "permit": (
        lambda text: OrderReader(HUB.keys()).read_permit(text),
        HUB.permit(a_permit(HUB), NOW),
        HUB.key,
        PERMIT_TYPE,
    ),
}
each_reader = pytest.mark.parametrize(("read", "good", "key", "kind"), READERS.values(), ids=READERS)


@each_reader
def test_without_a_signature_nothing_is_believed(read, good, key, kind):
    with pytest.raises((TokenRefused, PermitNotTrusted)):
        read(without_signature(good))


@each_reader
def test_a_public_key_does_not_serve_as_a_secret(read, good, key, kind):
    with pytest.raises((TokenRefused, PermitNotTrusted)):
        read(with_public_key_as_secret(good, key, kind))


@each_reader
def test_a_token_that_brings_its_own_key_is_not_believed(read, good, key, kind):
    claims = json.loads(unb64(good.split(".")[1]))
    with pytest.raises((TokenRefused, PermitNotTrusted)):
        read(sign(STRANGER, claims, typ=kind, jwk=STRANGER.as_dict(private=False)))


@each_reader
@pytest.mark.parametrize("payload", [b"", b"[]", b"5", b"null", b"not JSON", b"\xff\xfe"])
def test_what_is_signed_but_holds_no_claims_is_refused(read, good, key, kind, payload):
    with pytest.raises((TokenRefused, PermitNotTrusted)):
        read(sign(key, payload, typ=kind, kid=key.thumbprint()))


HEADS = [[], 5, "x", None, {}, {"alg": 5}, {"alg": []}, {"alg": "Ed25519", "kid": 5}, {"alg": "Ed25519", "crit": ["x"]}]


@each_reader
@pytest.mark.parametrize("head", HEADS, ids=json.dumps)
def test_a_header_of_any_shape_is_refused(read, good, key, kind, head):
    with pytest.raises((TokenRefused, PermitNotTrusted)):
        read(".".join([b64(head), *good.split(".")[1:]]))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "\ud800", "a" * 100_000])
@each_reader
def test_a_text_of_any_shape_is_refused(read, good, key, kind, text):
    with pytest.raises((TokenRefused, PermitNotTrusted)):
        read(text)


def test_a_header_that_breaks_the_library_is_refused():
    token = ".".join([b64({"alg": "Ed25519", "crit": 5}), *HUB.token("athens", NOW).split(".")[1:]])
    with pytest.raises(TokenRefused):
        HUB.bearer(token, NOW)


def test_an_assertion_that_is_nested_without_end_is_refused():
    with pytest.raises(TokenRefused):
        check(".".join([b64({"alg": "Ed25519"}), b64(b"[" * 15_000), "eA"]))


def test_the_public_keys_of_a_hub_hold_nothing_private():
    (key,) = json.loads(json.dumps(HUB.keys()))["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}


def test_a_hub_is_named_by_its_key_whatever_its_address():
    assert Issuer(HUB.key).name == HUB.name != OTHER_HUB.name


def test_the_thumbprint_of_a_public_key_is_that_of_the_key():
    assert thumbprint_of(HUB.keys()["keys"][0]) == HUB.key.thumbprint()


@pytest.mark.parametrize(
    "jwk", [{}, {"kty": "OKP"}, {"kty": "OKP", "crv": "Ed25519", "x": "!"}, {"kty": 5, "crv": 5, "x": 5}]
)
def test_what_is_not_a_key_has_no_thumbprint(jwk):
    assert thumbprint_of(jwk) == ""


def test_an_order_brings_who_asks_and_under_which_permit():
    order = OrderReader(HUB.keys()).read(HUB.order("q", QUESTION, NOW, {"person": "ana", "permit": "text"}))
    assert (order.person, order.permit) == ("ana", "text")
    assert OrderReader(HUB.keys()).read(HUB.order("q", QUESTION, NOW)) == ("q", QUESTION, "", "")


def test_what_stands_beside_a_question_never_stands_for_it():
    order = HUB.order("q", QUESTION, NOW, {"jti": "x", "question": "other", "iss": "x"})
    assert read_order(order, HUB.keys()) == ("q", QUESTION)


@pytest.mark.parametrize("beside", [{"person": 5}, {"permit": None}, {"person": ["ana"]}])
def test_an_order_with_something_else_beside_it_is_not_carried_out(beside):
    claims = {"jti": "q", "question": QUESTION, **beside}
    with pytest.raises(TokenRefused):
        read_order(sign(HUB.key, claims, typ=ORDER_TYPE, kid=HUB.key.thumbprint()), HUB.keys())


PERMIT = a_permit(HUB)
SIGNED = HUB.permit(PERMIT, NOW)


def read_permit(text, keys=None):
    return OrderReader(HUB.keys() if keys is None else keys).read_permit(text)


def said_in(text):
    return json.loads(unb64(text.split(".")[1]))


def test_a_permit_comes_out_as_it_was_signed():
    assert read_permit(SIGNED) == PERMIT


def test_a_permit_is_a_token_with_visas_inside():
    claims = said_in(SIGNED)
    assert (claims["jti"], claims["nbf"], claims["exp"]) == ("P-7", PERMIT.not_before, PERMIT.not_after)
    assert [v["type"] for v in claims["visas"]] == ["ControlledAccessGrants"] * 2
    assert json.loads(unb64(SIGNED.split(".")[0])) == {
        "alg": "Ed25519",
        "typ": PERMIT_TYPE,
        "kid": HUB.key.thumbprint(),
    }


def test_a_hub_signs_no_permit_that_names_another():
    with pytest.raises(PermitNotTrusted):
        OTHER_HUB.permit(PERMIT, NOW)


def test_a_permit_of_another_hub_is_not_trusted():
    with pytest.raises(PermitNotTrusted):
        read_permit(OTHER_HUB.permit(a_permit(OTHER_HUB), NOW))


def test_a_permit_that_names_the_pinned_key_but_is_signed_by_another_is_not_trusted():
    forged = sign(STRANGER, said_in(SIGNED), typ=PERMIT_TYPE, kid=HUB.key.thumbprint())
    with pytest.raises(PermitNotTrusted):
        read_permit(forged)


@pytest.mark.parametrize("kind", ["JWT", ORDER_TYPE, ACCESS_TYPE, None])
def test_something_else_that_the_hub_signed_is_no_permit(kind):
    header = {"kid": HUB.key.thumbprint(), **({"typ": kind} if kind else {})}
    with pytest.raises(PermitNotTrusted):
        read_permit(sign(HUB.key, said_in(SIGNED), **header))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": PERMIT.not_after + 1},
        {"nbf": 0},
        {"jti": "P-8"},
        {"iss": OTHER_HUB.name},
        {"visas": []},
        {"visas": [{"type": "ControlledAccessGrants", "value": "https://hub.test/datasets/cork/x"}]},
        {"permit": a_permit(HUB, people=["eve"]).to_json() | {"hub": OTHER_HUB.name}},
        {"permit": {"id": "P-7"}},
        {"permit": "P-7"},
    ],
)
def test_a_signed_permit_that_contradicts_itself_is_not_trusted(change):
    text = sign(HUB.key, said_in(SIGNED) | change, typ=PERMIT_TYPE, kid=HUB.key.thumbprint())
    with pytest.raises(PermitNotTrusted):
        read_permit(text)


@pytest.mark.parametrize("missing", ["iss", "jti", "nbf", "exp", "permit", "visas", "iat"])
def test_a_permit_without_one_of_its_claims_is_not_trusted(missing):
    claims = said_in(SIGNED)
    del claims[missing]
    with pytest.raises(PermitNotTrusted):
        read_permit(sign(HUB.key, claims, typ=PERMIT_TYPE, kid=HUB.key.thumbprint()))


def test_a_hub_knows_the_permit_and_the_person_of_an_order_that_it_has_kept():
    beside = {"person": "ana", "permit": SIGNED}
    assert asker_in(HUB.order("q", QUESTION, NOW, beside)) == asker_of(beside) == ("P-7", "ana")
    assert asker_in(HUB.order("q", QUESTION, NOW)) == asker_of({}) == ("", "")


@pytest.mark.parametrize("order", ["", "order", "a.b.c", HUB.order("q", QUESTION, NOW, {"permit": "text"})])
def test_what_holds_no_permit_has_none(order):
    assert asker_in(order) == ("", "")


CLAIMS = {"log": NODE.thumbprint(), "size": 3, "head": "ab" * 32, "iat": 1_800_000_000}


def checkpoint_of(key, claims, kind=CHECKPOINT_TYPE):
    return sign(key, claims, typ=kind, kid=key.thumbprint())


def test_a_checkpoint_comes_back_as_it_was_signed():
    text = sign_checkpoint(NODE, Head(3, "ab" * 32), 1_800_000_000.7)
    assert read_checkpoint(text, public_part(NODE)) == Checkpoint(NODE.thumbprint(), Head(3, "ab" * 32), 1_800_000_000)
    assert read_checkpoint(checkpoint_of(NODE, CLAIMS), public_part(NODE)).head.size == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not.a.checkpoint",
        sign_checkpoint(STRANGER, Head(3, "ab" * 32), 0),
        checkpoint_of(NODE, CLAIMS, kind="at+jwt"),
        checkpoint_of(NODE, CLAIMS | {"log": "another"}),
        checkpoint_of(NODE, CLAIMS | {"size": -1}),
        checkpoint_of(NODE, CLAIMS | {"size": True}),
        checkpoint_of(NODE, CLAIMS | {"head": "ab"}),
        checkpoint_of(NODE, CLAIMS | {"head": 5}),
        checkpoint_of(NODE, CLAIMS | {"iat": "now"}),
        checkpoint_of(NODE, {"log": NODE.thumbprint()}),
        checkpoint_of(NODE, CLAIMS).rpartition(".")[0] + ".",
        without_signature(checkpoint_of(NODE, CLAIMS)),
        changed(checkpoint_of(NODE, CLAIMS), size=2),
    ],
)
def test_what_is_no_checkpoint_of_the_key_is_refused(text):
    with pytest.raises(BadCheckpoint):
        read_checkpoint(text, public_part(NODE))


def test_a_token_for_images_holds_the_part_of_a_permit_that_is_about_one_person_at_one_node():
    permit = a_permit(HUB, analyses=["images"])
    made = HUB.image_token(permit, "ana", "athens", NOW)
    said = OrderReader(HUB.keys()).read_image_token(made.token, "athens", NOW)
    assert (said.id, said.person, said.permit.id, said.permit.project) == (made.id, "ana", "P-7", "lung")
    assert (said.permit.people, said.permit.datasets) == (("ana",), permit.at("athens"))
    assert said.permit.variables == ("person", "series")
    assert (said.permit.not_before, said.permit.not_after) == (permit.not_before, permit.not_after)
    assert "ben" not in unb64(made.token.split(".")[1]).decode()
    assert len(made.token) < 2_000


def test_a_token_for_images_lasts_a_quarter_of_an_hour_and_no_longer_than_its_permit():
    permit = a_permit(HUB)
    reader, ends = OrderReader(HUB.keys()), permit.not_after
    first, last = (HUB.image_token(permit, "ana", "athens", now) for now in (ends - 9_000, ends - 60))
    assert (first.ends, last.ends) == (ends - 9_000 + IMAGES_SECONDS, ends)
    for made, begin in ((first, ends - 9_000), (last, ends - 60)):
        for now in (begin - CLOCK_LEEWAY, begin, made.ends - 0.001):
            assert reader.read_image_token(made.token, "athens", now).person == "ana"
        for now in (begin - CLOCK_LEEWAY - 1, made.ends, made.ends + CLOCK_LEEWAY):
            with pytest.raises(ImagesNotOpened):
                reader.read_image_token(made.token, "athens", now)


def test_a_token_for_images_fits_into_a_header_or_is_not_made():
    def of(number):
        return a_permit(HUB, datasets=[{"node": "athens", "dataset": f"collection {n}"} for n in range(number)])

    assert len(HUB.image_token(of(60), "ana", "athens", NOW).token) < LONGEST_IMAGE_TOKEN
    with pytest.raises(BadPermit, match="too many datasets of athens"):
        HUB.image_token(of(200), "ana", "athens", NOW)
