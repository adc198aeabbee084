"""Processes of their own answer as what they run would, and an import outlives them."""

import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.imaging.deid.pixels.pictures import anatomy, opened, with_text
from tests.imaging.files import sample

from oncommons.imaging.decoding import decode_frame
from oncommons.imaging.deid.pixels import apart
from oncommons.imaging.deid.pixels.apart import Apart, close, decode, decoding, reading, recognise, serve
from oncommons.imaging.deid.pixels.found import Box, Found
from oncommons.imaging.frames import frame, layout_of
from oncommons.schema.errors import MayShowText, MissingPackage
from oncommons.schema.errors_of_pixels import UnreadablePixels

ENDS = Apart((sys.executable, "-c", "import sys; sys.stdin.buffer.read(20)"))
ECHO = (
    "import sys; from oncommons.imaging.deid.pixels.apart import serve;"
    "serve(sys.stdin.buffer, sys.stdout.buffer, lambda words, content: (words, content))"
)


@pytest.fixture
def echo():
    """A process that answers with the question."""
    made = Apart((sys.executable, "-c", ECHO))
    yield made
    made.close()


@pytest.fixture(autouse=True, scope="module")
def ended():
    """Leaves no process behind."""
    yield
    close()


def compressed():
    _, dataset, stack = opened(sample("SC_rgb_rle_2frame.dcm"))
    return dataset, stack.syntax


def test_text_is_found_as_it_is_in_this_process(recogniser):
    for pixels in (with_text(anatomy()), np.stack([with_text(anatomy())] * 3, axis=-1)[:, ::2]):
        assert recognise(pixels) == recogniser(pixels)


def test_frames_are_decoded_as_they_are_in_this_process():
    dataset, syntax = compressed()
    assert decode(frame(dataset, 2), layout_of(dataset), syntax) == decode_frame(dataset, syntax, 2)


def test_damaged_frames_and_kinds_without_a_decoder_are_told():
    layout = layout_of(compressed()[0])
    for syntax in (compressed()[1], "1.2.3"):
        with pytest.raises(UnreadablePixels, match="cannot be decoded here"):
            decode(b"not a codestream", layout, syntax)


def test_a_missing_decoder_is_named_with_its_remedy(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name="pydicom")

    monkeypatch.setattr(apart.importlib, "import_module", missing)
    layout = apart.asdict(layout_of(compressed()[0]))
    told, _ = decoding([layout, "1.2"], b"")
    assert "pip install 'oncommons[viewer]'" in told["fault"]


def test_a_process_that_ends_is_told_and_started_anew():
    for _ in range(2):
        with pytest.raises(MayShowText, match="has ended"):
            recognise(anatomy(), ENDS)
        with pytest.raises(UnreadablePixels, match="has ended"):
            decode(b"", layout_of(compressed()[0]), "1.2", ENDS)


@pytest.mark.parametrize("end", [10, 14, 17, 20])
def test_an_answer_that_is_cut_off_is_an_end(end):
    answer = apart._LENGTHS.pack(5, 4) + b'["a"]1234'
    cut = Apart(
        (sys.executable, "-c", f"import sys; sys.stdin.buffer.read(12); sys.stdout.buffer.write({answer[:end]})")
    )
    with pytest.raises(EOFError):
        cut.ask(1, b"")
    assert not cut.runs()


def test_whoever_is_interrupted_leaves_no_answer_for_the_next_question(echo, monkeypatch):
    def interrupted(_pipe):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(apart, "_received", interrupted)
        with pytest.raises(KeyboardInterrupt):
            echo.ask("first", b"a" * 3_000_000)
    assert not echo.runs()
    assert echo.ask("second", b"b") == ("second", b"b")


def test_what_lies_in_the_current_directory_is_not_run(tmp_path, monkeypatch):
    dataset, syntax = compressed()
    (tmp_path / "json.py").write_text("raise SystemExit('run')\n")
    monkeypatch.chdir(tmp_path)
    here = Apart(apart.DECODER._words)
    assert decode(frame(dataset, 2), layout_of(dataset), syntax, here) == decode_frame(dataset, syntax, 2)
    here.close()
    assert apart.READER._words[:-1] == apart.DECODER._words[:-1]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (FileNotFoundError("det_infer.onnx"), "cannot be opened; install them again: pip install --force-reinstall"),
        (MissingPackage("Text recognition is not installed.", detail="why"), "is not installed"),
    ],
)
def test_networks_that_cannot_be_opened_are_told_of_this_machine_not_of_the_picture(monkeypatch, fault, said):
    def missing(name):
        raise fault

    class Here(Apart):
        def ask(self, words, content):
            return answer(words, content)

    monkeypatch.setattr(apart.importlib, "import_module", missing)
    answer = apart._reader()
    for _ in range(2):
        with pytest.raises(MissingPackage, match=said) as told:
            recognise(np.zeros((4, 4), np.uint8), Here(()))
    assert told.value.detail in {"why", repr(fault)}


def test_large_questions_come_whole_and_a_closed_process_starts_again(echo):
    content = os.urandom(3_000_001)
    assert echo.ask(["é", 1], content) == (["é", 1], content)
    echo.close()
    assert echo.ask({}, b"") == ({}, b"")


def test_threads_that_ask_at_once_get_each_the_answer_to_its_own_question(echo):
    def ask(number):
        content = bytes([number]) * 200_000
        return echo.ask(number, content) == (number, content)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(64)))


def test_a_process_is_not_ended_while_it_answers_another_thread(echo):
    def end(_):
        echo.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(echo.ask, number, b"x" * 100_000) for number in range(20)]
        assert all(pool.map(end, range(5)))
    assert [answer.result()[0] for answer in answers] == list(range(20))


def test_a_forked_process_asks_one_of_its_own(echo):
    echo.ask(1, b"")
    started = echo._process.pid
    child = os.fork()
    if not child:
        same = echo.ask(2, b"ab") == (2, b"ab") and echo._process.pid != started
        echo.close()
        os._exit(not same)
    assert os.waitpid(child, 0)[1] == 0
    assert echo.ask(3, b"c") == (3, b"c")


def test_what_is_found_goes_over_the_pipe_with_all_that_is_told_of_it():
    found = [Found(Box(1, 2, 3, 4), "Müller", 0.25, faint=True), Found(Box(5, 6, 7, 8), "", 1.0, cut=True)]
    shapes = []

    def recogniser(picture):
        shapes.append(picture.shape)
        return found

    told, _ = reading(recogniser)([2, 3], bytes(6))
    assert [Found(Box(**one.pop("box")), **one) for one in told] == found
    assert shapes == [(2, 3)]


def test_a_question_that_is_cut_off_ends_the_service():
    told = io.BytesIO()
    serve(io.BytesIO(b"\1\0\0"), told, decoding)
    assert told.getvalue() == b""
