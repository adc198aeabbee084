"""Where resources of FHIR come from."""

import hashlib

from tests.node.bundles import patient, write_bundle, write_lines

from oncommons.node.receive.clinical.fhir_source import FhirSource


def sha(data):
    return hashlib.sha256(data).hexdigest()


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path):
    path = write_bundle(tmp_path / "b.json", patient())
    assert FhirSource(path, "d").files == (path,)
    assert FhirSource(path, "d").digest == sha(path.read_bytes())


def test_the_files_of_a_folder_are_in_order_and_each_has_its_digest(tmp_path):
    for name in ("b.ndjson", "a.ndjson", "gone.ndjson"):
        write_lines(tmp_path / name, patient(name))
    (tmp_path / "notes.txt").touch()
    source = FhirSource(tmp_path, "d")
    assert [path.name for path in source.files] == ["a.ndjson", "b.ndjson", "gone.ndjson"]
    assert source.skipped == ("notes.txt, which ends neither in .ndjson nor in .json",)
    (tmp_path / "gone.ndjson").unlink()
    digests = [sha((tmp_path / "a.ndjson").read_bytes()), sha((tmp_path / "b.ndjson").read_bytes()), ""]
    assert list(source.digests.values()) == digests
    assert source.digest == sha("".join(digests).encode())
