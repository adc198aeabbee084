"""Sums over hospitals of which the hub sees the whole and nobody's part: pairwise masks that cancel.

::

    sums = Keys(private, "athens", {"athens": …, "bergen": …, "cork": …}).masked(found, bound)   at each node
    found = together([sums of athens, sums of bergen, sums of cork])                              at the hub

Each two hospitals share a secret (X25519, RFC 7748), from which both stretch the same numbers (HKDF, RFC 5869;
SHAKE256, FIPS 202); one adds them to its own, the other takes them off.  In the sum over all they are gone.  Numbers
are fixed-point integers modulo 2^256, so the sum is exact and the same in any order, and a masked number is equally
likely to be any.  Everything is bound to what is asked and of whom (``bound``): numbers of two different questions do not cancel.

Bonawitz et al. 2017, Practical Secure Aggregation, section 4, without its dropouts: where one is missing, there is no sum.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Shapes: TypeAlias = Mapping[str, Sequence[int]]
"""Name of a value to its shape; a number has none."""

KEY_BYTES = 32
MOST_NUMBERS = 1_000_000
_FRACTION = 128
"""Binary digits after the point: of numbers of 10^-23 and more, all digits of double precision are kept."""
_LARGEST = 2.0**96
_BYTES = 32
_MODULUS = 1 << (8 * _BYTES)
_MOST_TOGETHER = 1 << 20
_DEPTH = 4


@dataclass(frozen=True)
class Keys:
    """A hospital's key and those of its partners.

    Attributes:
        private: Its own X25519 key, 32 bytes.
        name: Its own name.
        partners: Name to public key, 32 bytes each, of all who take part; its own is not needed.
    """

    private: bytes = field(repr=False)
    name: str
    partners: Mapping[str, bytes]

    def masked(self, found: Mapping[str, Any], bound: bytes) -> dict[str, Any]:
        """Numbers under masks, as JSON.

        Args:
            found: Name to number or nested lists of numbers.
            bound: Stands for what is asked and who takes part; the same at all who do, and never again for other numbers.

        Raises:
            ValueError: something is no number, not finite or too large, lists are uneven, or a key is none.
        """
        shapes, numbers = flat(found)
        total = [_fixed(number) for number in numbers]
        for partner in sorted(self.partners.keys() - {self.name}):
            sign = 1 if self.name < partner else -1
            for place, mask in enumerate(self._masks(partner, bound, len(total))):
                total[place] += sign * mask
        packed = b"".join((one % _MODULUS).to_bytes(_BYTES, "big") for one in total)
        return {
            "shapes": {name: list(shape) for name, shape in shapes.items()},
            "masked": base64.b64encode(packed).decode(),
        }

    def _masks(self, partner: str, bound: bytes, count: int) -> Iterator[int]:
        shared = X25519PrivateKey.from_private_bytes(self.private).exchange(
            X25519PublicKey.from_public_bytes(self.partners[partner])
        )
        both = "\0".join(sorted((self.name, partner))).encode()
        seed = HKDF(SHA256(), _BYTES, bound, b"oncommons sums 1\0" + both).derive(shared)
        stream = hashlib.shake_256(seed).digest(_BYTES * count)
        return (int.from_bytes(stream[at : at + _BYTES], "big") for at in range(0, len(stream), _BYTES))


def public_of(private: bytes) -> bytes:
    """The public half of a key, 32 bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def together(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums of masked numbers: what all who took part found, added up.

    Args:
        parts: What :meth:`Keys.masked` gave each of them.

    Raises:
        ValueError: they are of different shapes, or the masks do not cancel, as where one was asked something else.
    """
    shapes = parts[0]["shapes"]
    if any(part["shapes"] != shapes for part in parts):
        raise ValueError("parts of different shapes")
    count = sum(_size(shape) for shape in shapes.values())
    total = [0] * count
    for part in parts:
        packed = _packed(part["masked"], count)
        for place in range(count):
            total[place] += int.from_bytes(packed[place * _BYTES : (place + 1) * _BYTES], "big")
    numbers = iter([_loose(one % _MODULUS) for one in total])
    return {name: _nested(numbers, shape) for name, shape in shapes.items()}


def shaped(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The shapes of numbers under masks; nothing where it is something else.

    Args:
        part: What a hospital gave.
    """
    try:
        shapes: Mapping[str, Any] = part["shapes"]
        _packed(part["masked"], sum(_size(shape) for shape in shapes.values()))
    except (KeyError, AttributeError, TypeError, ValueError):
        return None
    return shapes


def flat(found: Mapping[str, Any]) -> tuple[Shapes, list[float]]:
    """Shapes and numbers of values, in the order of names.

    Raises:
        ValueError: something is no number, or lists are uneven.
    """
    shapes: dict[str, Sequence[int]] = {}
    numbers: list[float] = []
    for name in sorted(found):
        shapes[name] = _shape(found[name], _DEPTH)
        numbers += _numbers(found[name])
    return shapes, numbers


def _shape(value: object, depth: int) -> tuple[int, ...]:
    if not isinstance(value, list):
        return ()
    inner = {_shape(one, depth - 1) for one in value}
    if len(inner) > 1 or depth <= 0:
        raise ValueError("lists that are uneven")
    return (len(value), *next(iter(inner), ()))


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("something that is no number")  # noqa: TRY004 - one error for all that cannot be added
    else:
        yield float(value)


def _nested(numbers: Iterator[float], shape: Sequence[int]) -> Any:
    return next(numbers) if not shape else [_nested(numbers, shape[1:]) for _ in range(shape[0])]


def _size(shape: object) -> int:
    if not isinstance(shape, list) or len(shape) > _DEPTH or any(type(one) is not int or one < 0 for one in shape):
        raise ValueError("no shape")
    size = prod(shape)
    if size > MOST_NUMBERS:
        raise ValueError("too many numbers")
    return size


def _packed(text: object, count: int) -> bytes:
    try:
        packed = base64.b64decode(str(text), validate=True)
    except binascii.Error as fault:
        raise ValueError("no base64") from fault
    if len(packed) != count * _BYTES:
        raise ValueError("numbers are missing")
    return packed


def _fixed(number: float) -> int:
    if not abs(number) <= _LARGEST:
        raise ValueError("a number that cannot be added")
    above, below = number.as_integer_ratio()
    return ((above << (_FRACTION + 1)) // below + 1) >> 1


def _loose(total: int) -> float:
    signed = total - _MODULUS if total >= _MODULUS >> 1 else total
    if abs(signed) > int(_LARGEST) * _MOST_TOGETHER << _FRACTION:
        raise ValueError("masks that do not cancel")
    return signed / (1 << _FRACTION)
