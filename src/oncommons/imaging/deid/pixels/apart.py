"""What takes much memory, in processes of their own: the networks, and the decoders of compressed frames.

An import neither holds what these take nor ends with what breaks them.  Questions and answers go over pipes, each in two
parts: a few words as JSON, and bytes.  A process ends when its pipe is closed, so also when the import is killed.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from struct import Struct
from threading import Lock
from typing import IO, Any, TypeAlias

import numpy as np

from oncommons.imaging.deid.pixels.found import Box, Found, Picture, Recogniser
from oncommons.imaging.frames import Layout
from oncommons.schema.errors import ImageError, MayShowText, MissingPackage, OncommonsError
from oncommons.schema.errors_of_pixels import UnreadablePixels

Answer: TypeAlias = Callable[[Any, bytes], tuple[Any, bytes]]
"""Answers a question: words and bytes to words and bytes."""
_LENGTHS = Struct("<IQ")
_ROOM = "oncommons.imaging."


class Apart:
    """A process that answers questions, started at the first one; threads that ask at once are answered one by one.

    A process that was forked from the one that asked before starts its own.

    Args:
        words: The command to start.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._turn = Lock()

    def ask(self, words: object, content: bytes | memoryview) -> tuple[Any, bytes]:
        """The answer to a question.

        Raises:
            EOFError: the process has ended instead; it is started anew for the next question, as after any other fault.
        """
        with self._turn:
            try:
                answer = self._answer(words, content)
            except BaseException:  # or the answer would be taken for that to the next question
                self._end(kill=True)
                raise
            if answer is None:
                self._end()
                raise EOFError
            return answer

    def runs(self) -> bool:
        """Whether it was started and has not been ended."""
        return self._process is not None

    def close(self) -> None:
        """End it, when it has answered; it starts again when it is asked again."""
        with self._turn:
            self._end()

    def _answer(self, words: object, content: bytes | memoryview) -> tuple[Any, bytes] | None:
        """The answer, or None where the process has ended."""
        asked, told = self._pipes()
        try:
            _send(asked, words, content)
            return _received(told)
        except BrokenPipeError:
            return None

    def _end(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        atexit.unregister(self.close)
        if process is None or self._owner != os.getpid():
            return
        if kill:
            process.kill()
        with suppress(BrokenPipeError):
            process.communicate()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None or self._owner != os.getpid():
            self._process = subprocess.Popen(  # noqa: S603  our own program
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            self._owner = os.getpid()
            atexit.register(self.close)
        asked, told = self._process.stdin, self._process.stdout
        if asked is None or told is None:
            raise EOFError
        return asked, told


_OURS = (sys.executable, "-P", "-m", __name__)
"""Our own program, without what lies in the current directory."""
READER = Apart((*_OURS, "reader"))
"""The process that reads text; it holds the networks."""
DECODER = Apart((*_OURS, "decoder"))
"""The process that decodes compressed frames; it holds pydicom."""


def recognise(picture: Picture, reader: Apart = READER) -> list[Found]:
    """The text in a picture.

    Args:
        picture: 8-bit numbers, rows by columns, or by columns by red, green and blue.
        reader: The process that reads it.

    Raises:
        MayShowText: the process has ended before it told.
        MissingPackage: the networks cannot be opened.
    """
    try:
        found, _ = reader.ask(picture.shape, np.ascontiguousarray(picture).data.cast("B"))
    except EOFError:
        raise MayShowText("The program that reads text in pictures has ended at one of its pictures.") from None
    if "fault" in found:
        raise MissingPackage(found["fault"], detail=found["detail"])
    return [Found(Box(**one.pop("box")), **one) for one in found]


def decode(codestream: bytes, layout: Layout, syntax: str, decoder: Apart = DECODER) -> tuple[bytes, Layout]:
    """A compressed frame, native in little endian and colour by pixel, and how it is described now.

    Args:
        codestream: The frame.
        layout: How it is described.
        syntax: UID of the transfer syntax.
        decoder: The process that decodes it.

    Raises:
        UnreadablePixels: it cannot be decoded here.
    """
    try:
        told, pixels = decoder.ask([asdict(layout), syntax], codestream)
    except EOFError:
        raise UnreadablePixels("The program that decodes compressed pixels has ended at them.") from None
    if "fault" in told:
        raise UnreadablePixels(told["fault"], detail=told["detail"])
    return pixels, Layout(**told)


def close() -> None:
    """End both processes; they start again when they are needed."""
    READER.close()
    DECODER.close()
    give_to_system()


def serve(given: IO[bytes], told: IO[bytes], answer: Answer) -> None:
    """Answer questions until no more come.

    Args:
        given: Where they come from.
        told: Where the answers go.
        answer: Finds them.
    """
    while (question := _received(given)) is not None:
        _send(told, *answer(*question))


def reading(recogniser: Recogniser) -> Answer:
    """What a process answers that reads text."""

    def answer(shape: Any, content: bytes) -> tuple[Any, bytes]:
        return [asdict(one) for one in recogniser(np.frombuffer(content, np.uint8).reshape(shape))], b""

    return answer


def decoding(words: Any, codestream: bytes) -> tuple[Any, bytes]:
    """What a process answers that decodes frames."""
    described, syntax = words
    try:
        found = importlib.import_module(_ROOM + "decoding")
        pixels, layout = found.decoded(codestream, Layout(**described), syntax)
    except ImageError as fault:
        return {"fault": fault.message, "detail": fault.detail}, b""
    except ModuleNotFoundError as fault:
        words = f"Its pixels are compressed, and {fault.name} is not installed: pip install 'oncommons[viewer]'."
        return {"fault": words, "detail": ""}, b""
    return asdict(layout), pixels


def give_to_system() -> None:
    """Give what was freed back to the system, where the C library can, as that of GNU can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _send(pipe: IO[bytes], words: object, content: bytes | memoryview) -> None:
    told = json.dumps(words).encode("ascii")
    pipe.write(_LENGTHS.pack(len(told), len(content)) + told)
    pipe.write(content)
    pipe.flush()


def _received(pipe: IO[bytes]) -> tuple[Any, bytes] | None:
    """A question or an answer; None where the pipe is closed before its end."""
    head = pipe.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    lengths = _LENGTHS.unpack(head)
    words, content = (pipe.read(length) for length in lengths)
    return (json.loads(words), content) if (len(words), len(content)) == lengths else None


def _reader() -> Answer:
    try:
        recogniser: Recogniser = importlib.import_module(_ROOM + "deid.pixels.networks").open_recogniser()
    except Exception as fault:  # noqa: BLE001  whatever it is, it is told to who asks
        return _refusing(fault)
    give_to_system()  # what it took to read the networks
    return reading(recogniser)


def _refusing(fault: Exception) -> Answer:
    """What a process answers that has no networks."""
    if isinstance(fault, OncommonsError):
        told = {"fault": fault.message, "detail": fault.detail}
    else:
        again = "install them again: pip install --force-reinstall 'oncommons[ocr]'."
        told = {"fault": f"The networks that read text in pictures cannot be opened; {again}", "detail": repr(fault)}
    return lambda _words, _content: (told, b"")


_KINDS: Mapping[str, Callable[[], Answer]] = {"reader": _reader, "decoder": lambda: decoding}

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began it ends it
    serve(sys.stdin.buffer, sys.stdout.buffer, _KINDS[sys.argv[1]]())
