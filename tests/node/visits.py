"""A node that holds what a permit names and what it does not, and people of permits who come to its images."""

from contextlib import closing, contextmanager

import httpx
from anyio.from_thread import start_blocking_portal
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from tests.node.checked import CONTOURS, keep
from tests.node.images import ROOT, dicom
from tests.permits import HUB, NOW, a_permit

from oncommons.node.home import Membership, open_home
from oncommons.node.outside import ImageGate
from oncommons.node.outside_serving import make_outside
from oncommons.storage.ledger import Ledger

MINE = {"datasets": [{"node": "athens", "dataset": "d"}], "analyses": ["count", "images"]}
"""What a permit says that opens the images of one dataset."""
PLACE = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1]}


def contour():
    """A file of contours that are drawn on the second slice of the series in scope."""
    series, study, frame, line, region = (Dataset() for _ in range(5))
    series.SeriesInstanceUID = f"{ROOT}.1.1"
    study.RTReferencedSeriesSequence = Sequence([series])
    frame.RTReferencedStudySequence = Sequence([study])
    line.ContourGeometricType, line.NumberOfContourPoints = "CLOSED_PLANAR", 4
    line.ContourData = [1, 1, 10, 6, 1, 10, 6, 6, 10, 1, 6, 10]
    region.ContourSequence, region.ROIDisplayColor = Sequence([line]), [255, 0, 0]
    gone = dict.fromkeys(["PixelData", "Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient"])
    more = {
        "ReferencedFrameOfReferenceSequence": Sequence([frame]),
        "ROIContourSequence": Sequence([region]),
        "Modality": "RTSTRUCT",
        "SOPClassUID": CONTOURS,
    }
    return dicom(1, 9, 1, **gone, **more)


def mine():
    """What the permit names: one series of three slices, and a study of somebody else."""
    found = {f"{n}": dicom(n, pixel=9 * n, ImagePositionPatient=[0, 0, 5 * n], **PLACE) for n in (1, 2, 3)}
    return found | {"b": dicom(1, 1, 2, "BERTA", Modality="MR")}


def others():
    """What it does not: more of the same series, contours on it, another series of the study, another of the person."""
    return {
        "4": dicom(4, pixel=200, ImagePositionPatient=[0, 0, 20], **PLACE),
        "contour": contour(),
        "series": dicom(1, 2, 1, Modality="MR"),
        "study": dicom(1, 1, 3),
        "stranger": dicom(1, 1, 4, "CAROL"),
    }


def join(home, showing="permit"):
    """The node, joined to the hub of the tests."""
    return home.with_membership(Membership("athens", "u", HUB.name, HUB.keys())).with_showing(showing)


def fill(home, folder):
    """Import what the permit names as the dataset ``d``, and the rest as ``secret``."""
    keep(home, folder, mine(), "d")
    keep(home, folder, others(), "secret")
    return home


def token_for(person="ana", node="athens", now=NOW, hub=HUB, **parts):
    """A token of a hub for a person of a permit."""
    return hub.image_token(a_permit(hub, **MINE | parts), person, node, now).token


def bearer(token):
    return {"authorization": f"Bearer {token}"}


@contextmanager
def visiting(home, clock=lambda: NOW, origins=(), url="", make=ImageGate):
    """Ask the images of a node as the outside does; give it a path, a token and headers."""
    app = make_outside(home, url, frozenset(origins), lambda home, ledger: make(home, ledger, clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        client = httpx.AsyncClient(transport=transport, base_url="http://images.test")

        def ask(path, token=None, method="GET", **headers):
            shown = bearer(token) if token is not None else {}
            return portal.call(lambda: client.request(method, path, headers=shown | headers))

        ask.app = app
        yield ask
        portal.call(client.aclose)


def objects(home):
    """Every kept object of a node."""
    with closing(Ledger(open_home(home.folder).ledger_file)) as ledger:
        return ledger.objects()
