"""What comes in: whatever has a name and bytes."""

from oncommons.node.receive.arrival import Arrival
from oncommons.node.receive.folder import FileArrival


def read(arrival: Arrival) -> tuple[str, bytes]:
    return arrival.name, arrival.read()


def test_a_file_is_an_arrival(tmp_path):
    (tmp_path / "one").write_bytes(b"1")
    assert read(FileArrival(tmp_path / "one")) == (str(tmp_path / "one"), b"1")
