"""A federation in one process: a hub, and nodes that answer it from real collections of the IDC index."""

import threading
from contextlib import ExitStack, contextmanager

from tests.hub.callers import calling

from oncommons.node.desk import Desk
from oncommons.node.flow import import_from
from oncommons.node.home import make_home
from oncommons.node.receive.idc import receive_idc
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import OncommonsError
from oncommons.service.identity import OrderReader

HELD = {
    "athens": (("lctsc", "prostate_diagnosis"), Policy("open")),
    "bologna": (("soft_tissue_sarcoma", "qin_pet_phantom"), Policy("threshold", 10)),
}
"""Node to its collections and policy."""
COLLECTIONS = tuple(name for names, _ in HELD.values() for name in names)


def _serve(hub, desk, member, ended):
    reader = OrderReader(hub.app.state.exchange.issuer.keys())
    work = []
    while work or not ended.is_set():
        work += member("GET", "/api/link/work", params={"wait": 0 if work else 1}).json()["work"]
        for item in work[:1]:
            try:
                answer = node_answer_to_json(desk.answer(reader.read(item["order"])[1]))
            except OncommonsError as fault:
                answer = fault.to_json()
            reported = member("POST", f"/api/link/work/{item['id']}", json=answer).json()
            work = [*work[1:], *reported["work"]]


@contextmanager
def _node(hub, folder, name, held, ended):
    collections, policy = held
    home = make_home(folder / name, policy)
    import_from(lambda base: receive_idc(base, collections), home.tables)
    desk, member = Desk(home), hub.member(name)
    member("PUT", "/api/link/datasets", json={"datasets": [card.to_json() for card in desk.cards()]})
    member("GET", "/api/link/work")
    thread = threading.Thread(target=_serve, args=[hub, desk, member, ended])
    thread.start()
    yield
    thread.join()


@contextmanager
def federated(folder, held=None):
    """A hub to call, whose nodes answer."""
    ended = threading.Event()
    with calling(folder / "hub") as hub, ExitStack() as inside:
        for name, what in (HELD if held is None else held).items():
            inside.enter_context(_node(hub, folder, name, what, ended))
        inside.callback(ended.set)
        yield hub
