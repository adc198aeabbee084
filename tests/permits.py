"""A permit that tests give, and a hub and a gate at which it is shown."""

from dataclasses import replace

from joserfc.jwk import OKPKey

from oncommons.schema.permit import parse_permit
from oncommons.service.identity import Issuer

BEGIN, END = 1_796_083_200, 1_827_619_200
"""The first seconds of December 2026 and 2027, UTC."""
NOW = BEGIN + 86_400
BODY = {
    "id": "P-7",
    "project": "lung",
    "people": ["ana", "ben"],
    "datasets": [{"node": "athens", "dataset": "d"}, {"node": "bergen", "dataset": "lung", "version": "v1"}],
    "variables": ["person.sex", "series.modality"],
    "analyses": ["count"],
    "purpose": {"ehds": ["RESEARCH"], "duo": ["DUO:0000007"]},
    "period": {"not_before": "2026-12-01", "not_after": "2027-12-01"},
    "output": {"least": 0, "groups": True},
    "budget": 100,
}


def a_key():
    made = OKPKey.generate_key("Ed25519")
    return OKPKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})


HUB, OTHER_HUB = Issuer(a_key()), Issuer(a_key())


def body(**parts):
    return BODY | parts


def a_permit(hub=HUB, **parts):
    """A permit that the hub has issued."""
    return replace(parse_permit(body(**parts)), hub=hub.name, address="https://hub.test")
