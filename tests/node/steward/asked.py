"""A node at which questions were asked under permits: one is answered, one waits, one was declined, one refused."""

import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

from tests.node.tables import import_rows
from tests.permits import HUB, a_permit

from oncommons.node.desk import Desk
from oncommons.node.home import Membership, make_home
from oncommons.node.permits import Gate
from oncommons.node.permitting import Manager
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import OncommonsError
from oncommons.service.identity import Order, OrderReader
from oncommons.storage.decisions import Person

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
EVERYBODY = {"count": "person"}
BY_SEX = {"count": "person", "by": ["sex"]}
OLD = {"count": "person", "where": {"field": "age", "between": [60, None]}}
EVIL = "<script>alert(1)</script>"


def current(**parts):
    """A permit that holds now."""
    today = datetime.now(UTC)
    period = {"not_before": f"{today - timedelta(2):%Y-%m-%d}", "not_after": f"{today + timedelta(90):%Y-%m-%d}"}
    return a_permit(**{"period": period, "title": f"Lungs {EVIL}", **parts})


def asked_home(folder):
    """The node, and the name of the question that waits."""
    made = make_home(folder / "athens", Policy("threshold", 10))
    import_rows(made, folder, *({"person": f"p{i}", "sex": "FM"[i % 2], "collection": "d"} for i in range(50)))
    return ask_some(made, "d")


def ask_some(home, dataset):
    """Ask a node that holds a dataset; the node as it is then, and the name of the question that waits."""
    home = home.with_membership(Membership("athens", "u", HUB.name, HUB.keys())).with_demand("run")
    datasets = [{"node": "athens", "dataset": dataset}, {"node": "bergen", "dataset": "lung"}]
    desk, manager = Desk(home), Manager(home, Person("mira", "console"))
    with closing(desk), closing(Gate(desk, OrderReader(HUB.keys()))) as gate:

        def ask(question, job):
            with suppress(OncommonsError):
                gate.answer(Order(job, question, "ana", HUB.permit(current(datasets=datasets), time.time())))
            runs = gate.ledger.runs.all(time.time())
            return runs[-1].id if runs else ""

        manager.agree(ask(WOMEN, "q1"))
        ask(WOMEN, "q2")
        manager.decline(ask(EVERYBODY, "q3"), "Please ask for women only.")
        ask(OLD, "q4")
        waiting = ask(BY_SEX, "q5")
    manager.revoke("P-5")
    return home, waiting
