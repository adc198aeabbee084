"""What the tests of the node share: nodes in directories, a hub, and rows of the real index."""

import json
import random
import shutil
import socket
import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest
import uvicorn
from tests.node.hubs import FakeHub
from tests.node.tables import import_rows
from tests.oracle import pooled
from tests.oracle.columns import Column, Pool
from tests.oracle.kleene import FIELDS
from tests.peers import Orthanc, orthanc

from oncommons.hub.app import make_app
from oncommons.hub.opening import Hub, open_hub
from oncommons.node.desk import Desk
from oncommons.node.flow import import_from
from oncommons.node.home import make_home
from oncommons.node.index.asking import Index
from oncommons.node.receive.idc import receive_idc
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.describing import codes_by_kinds
from oncommons.service.settings import HubSettings
from oncommons.storage.generations import Generations

FULL = ("rider_lung_pet_ct", "midrc_ricord_1c", "tcga_cesc", "qin_pet_phantom", "nsclc_radiogenomics")
POOR = ("cptac_ucec", "mri_dir", "tcga_esca")
"""Collections whose holder records neither maker nor age."""
DIAGNOSED = ("tcga_cesc", "mri_dir")
"""Collections to which diagnoses are added, since no real one has them yet."""
DESCRIBED = ("nsclc_radiogenomics", "mri_dir")
"""Collections whose series are told by what they are described; the index does not say."""
CODES = ("ICDO3:8520/3", "ICDO3:8140/3", "ICDO3:C50.4", "ICD10:C61", None)


@dataclass(frozen=True)
class Real:
    """The same rows twice: in the node's tables, and as the oracle derives them."""

    index: Index
    pool: Pool


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    generations = Generations(tmp_path_factory.mktemp("real"))
    import_from(lambda base: receive_idc(base, FULL), generations)
    import_from(lambda base: receive_idc(base, POOR, ["manufacturer", "age"]), generations)
    raw = pooled.read_index([*FULL, *POOR])
    names = zip(raw["collection_id"].str.strip(), raw["PatientID"].str.strip(), strict=True)
    people = list(dict.fromkeys(names))
    diagnoses, described = _diagnoses(people), _described(raw)
    with generations.fresh() as base:
        for table in ("code", "dataset", "entity", "field", "person", "study", "series", "condition"):
            base.execute(f"CREATE TABLE {table} AS FROM old.{table}")
        rows = [(n, *people[place], code) for n, (place, code) in enumerate(diagnoses)]
        base.execute("CREATE TEMP TABLE told (key INTEGER, dataset VARCHAR, person VARCHAR, code VARCHAR)")
        base.executemany("INSERT INTO told VALUES (?, ?, ?, ?)", rows)
        base.execute(
            "INSERT INTO condition (key, dataset, person, code) SELECT t.key, d.key, p.key, t.code FROM told t "
            "JOIN dataset d ON d.name = t.dataset JOIN person p ON p.dataset = d.key AND p.id = t.person"
        )
        base.execute("INSERT INTO entity SELECT dataset, 'condition', count(*) FROM condition GROUP BY 1")
        base.execute(
            "INSERT INTO field SELECT dataset, 'condition', 'code', TRUE, count(*) - count(code) "
            "FROM condition GROUP BY 1"
        )
        _describe(base, raw, described)
    index = Index(generations.open(), behind=True)
    yield Real(index, _with(pooled.derive(raw), diagnoses, described))
    index.close()


def _diagnoses(people):
    """Places of people and a code of each of their diagnoses: none, one or two a person."""
    rng = random.Random(0)
    chosen = (place for place, (name, _) in enumerate(people) if name in DIAGNOSED)
    return [(place, rng.choice(CODES)) for place in chosen for _ in range(rng.choice((0, 1, 1, 2)))]


def _described(raw):
    """By what each series is described, drawn anew for each; ``None`` where nobody knows."""
    rng, codes = random.Random(0), ["NONE", *codes_by_kinds().values()]
    return [rng.choice(codes) if name in DESCRIBED else None for name in raw["collection_id"].str.strip()]


def _describe(base, raw, described):
    """Write into tables by what series are described."""
    base.execute("CREATE TEMP TABLE described (id VARCHAR, code VARCHAR)")
    base.execute("INSERT INTO described SELECT unnest($1), unnest($2)", [list(raw["SeriesInstanceUID"]), described])
    base.execute(
        "UPDATE series SET described_by = c.number FROM described t JOIN code c ON c.code = t.code "
        "AND c.vocabulary = 'described_by' WHERE t.id = series.id"
    )
    base.execute(
        "UPDATE field SET known = TRUE, lacking = 0 WHERE field = 'described_by' "
        "AND dataset IN (SELECT key FROM dataset WHERE list_contains($1, name))",
        [list(DESCRIBED)],
    )


def _with(pool, diagnoses, described):
    lacks = {
        (name, what) for name, what in pool.lacks if name not in (DESCRIBED if what == "described_by" else DIAGNOSED)
    }
    lacks |= {(name, field) for name in POOR for field in ("manufacturer", "age", "age_at_study")}
    above = pool.above | {"condition": np.array([place for place, _ in diagnoses], dtype=np.int64)}
    columns = pool.columns | {f: Column.of(None for _ in diagnoses) for f in FIELDS["condition"]}
    columns |= {"code": Column.of(code for _, code in diagnoses), "described_by": Column.of(described)}
    return Pool(pool.datasets, above, columns, frozenset(lacks))


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "athens", Policy("open"))


@pytest.fixture(scope="session")
def with_rows(tmp_path_factory):
    """Gives a new node tables with rows; they are made once for all nodes that want the same, and each has its own copy."""
    made = {}

    def lay(home, *rows):
        wanted = json.dumps(rows, sort_keys=True)
        if wanted not in made:
            folder = tmp_path_factory.mktemp("rows")
            first = make_home(folder / "node", Policy("open"))
            import_rows(first, folder, *rows)
            made[wanted] = first.tables.folder
        shutil.copytree(made[wanted], home.tables.folder, copy_function=shutil.copyfile)

    return lay


@pytest.fixture
def desk(home):
    """What answers for the node."""
    found = Desk(home)
    yield found
    found.close()


@dataclass(frozen=True)
class RunningHub:
    """A real hub that listens on this machine."""

    url: str
    hub: Hub

    def invite(self, name):
        return self.hub.registry.invite(name, self.hub.pin, time.time())


@pytest.fixture(scope="session")
def running_hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        hub = open_hub(HubSettings(folder, url, f"sqlite:///{folder / 'hub.sqlite'}", "test"))
        server = uvicorn.Server(uvicorn.Config(make_app(hub, "1"), log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        yield RunningHub(url, hub)
        server.should_exit = True
        thread.join(20)
        hub.database.close()
    shutil.rmtree(folder)


@pytest.fixture
def fake_hub():
    with FakeHub() as hub:
        yield hub


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """A running Orthanc with its DICOMweb plugin."""
    orthanc()
    running = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield running
    running.end()
