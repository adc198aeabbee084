"""Hospitals that hold parts of a trial and answer, each in a thread, while a test runs."""

import threading
from contextlib import ExitStack, contextmanager
from shutil import copytree

from tests.node.followed import lung, take_people

from oncommons.node.desk import Desk
from oncommons.node.home import Membership, make_home, open_home
from oncommons.node.membership import answered
from oncommons.node.permits import Gate
from oncommons.schema.errors import OncommonsError
from oncommons.service.identity import OrderReader

MADE = frozenset(
    {"combat", "compare", "competing", "correlation", "cox", "crosstab", "describe", "glm", "meta", "pca", "survival"}
    | {"validation"}
)
INSTITUTIONS = {"athens": range(5), "bergen": range(5, 12), "cork": range(12, 40)}


@contextmanager
def hospital(hub, name, home, change=lambda answer: answer):
    """A node, joined to the hub, which answers while the block runs."""
    issuer = hub.app.state.exchange.issuer
    home = home.with_membership(Membership(name, "u", issuer.name, issuer.keys()))
    gate, member, ended = Gate(Desk(home), OrderReader(issuer.keys()), hub.clock), hub.member(name), threading.Event()

    def serve():
        work = first
        while work or not ended.is_set():
            work += member("GET", "/api/link/work", params={"wait": 0 if work else 1}).json()["work"]
            for item in work[:1]:
                try:
                    answer = change(answered(gate.answer(gate.orders.read(item["order"]))))
                except OncommonsError as fault:
                    answer = fault.to_json()
                work = [*work[1:], *member("POST", f"/api/link/work/{item['id']}", json=answer).json().get("work", [])]

    first = member("GET", "/api/link/work").json()["work"]  # it is here before anybody asks
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        hub.portal.call(hub.app.state.exchange.stop)
        thread.join()
        gate.close()
        gate.desk.close()


def made_homes(folder, policy):
    """The nodes with their parts of the trial, by the institutions at which people were treated."""
    homes = {}
    for name, institutions in INSTITUTIONS.items():
        homes[name] = make_home(folder / name, policy).with_analyses(MADE)
        take_people(homes[name], folder, lung()[lung()["inst"].isin(list(institutions))])
    return homes


def copied_homes(made, folder):
    """The same nodes for one test, since what they tell of people counts: copies of a folder in which they were made."""
    copytree(made, folder, dirs_exist_ok=True)
    return {name: open_home(folder / name) for name in INSTITUTIONS}


def from_the_third_on(fault):
    """Changes the answers of a hospital: two it gives, and then it has an error, the JSON of which has a code and a message."""
    seen = []

    def change(answer):
        seen.append(answer)
        return answer if len(seen) < 3 else {"error": fault}

    return change


FULL = {"code": "E500", "message": "The disk is full."}


@contextmanager
def serving(hub, homes, **changes):
    """All of them."""
    with ExitStack() as stack:
        for name, home in homes.items():
            stack.enter_context(hospital(hub, name, home, changes.get(name, lambda answer: answer)))
        yield
