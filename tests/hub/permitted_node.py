"""A real node that needs permits, in the process of a hub under test."""

import atexit
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.home import Membership, make_home, open_home
from oncommons.node.permits import Gate
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import OncommonsError
from oncommons.service.identity import OrderReader


@cache
def _made():
    """The folder of a node that holds seven women, which each test has a copy of; to import them takes longer."""
    folder = Path(mkdtemp())
    atexit.register(rmtree, folder)
    home = make_home(folder / "node", Policy("open"))
    import_rows(home, folder, *({"person": f"p{i}", "sex": "F"} for i in range(7)))
    return home.folder


@contextmanager
def answering(hub, name, folder):
    """A node that needs permits, joined to the hub, which answers while the block runs."""
    home = open_home(copytree(_made(), folder / name))
    issuer = hub.app.state.exchange.issuer
    home = home.with_membership(Membership(name, "u", issuer.name, issuer.keys())).with_demand("required")
    gate, member, ended = Gate(Desk(home), OrderReader(issuer.keys()), hub.clock), hub.member(name), threading.Event()

    def serve():
        work = []
        while work or not ended.is_set():
            work += member("GET", "/api/link/work", params={"wait": 0 if work else 1}).json().get("work", [])
            for item in work[:1]:
                try:
                    answer = node_answer_to_json(gate.answer(gate.orders.read(item["order"])))
                except OncommonsError as fault:
                    answer = fault.to_json()
                work = [*work[1:], *member("POST", f"/api/link/work/{item['id']}", json=answer).json()["work"]]

    member("GET", "/api/link/work")
    thread = threading.Thread(target=serve)
    thread.start()
    yield gate
    ended.set()
    hub.portal.call(hub.app.state.exchange.stop)
    thread.join()
    gate.close()
    gate.desk.close()
