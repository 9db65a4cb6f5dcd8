"""Files that only this house can read, and that show when anything in them was changed, cut or put in.

A file is a row of frames: length, nonce, and a value packed and encrypted by AES-256-GCM,
tied to the file's name and its place there. The last frame holds the SHA-256 of all
that was encrypted before it, and is compared when the file is read.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors import plain_pickle

KEY_BYTES = 32
_LENGTH = struct.Struct(">I")
_NONCE = 12
_VALUE, _END = b"v", b"e"
_QUICK, _TYPED = b"m", b"p"
"""What JSON can say is written by marshal, in half the time of pickle."""
_MARSHAL_VERSION = 4  # read by every Python since 3.4


class Unreadable(Exception):
    """A file of another key, or one that is not as it was written."""


class SealedWriter:
    """Writes one new file, readable to its owner only. Raises OSError as files do.

    name      what the file is called when it is read, whatever it is called meanwhile
    written   bytes so far
    """

    def __init__(self, path: Path, key: bytes, name: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.written = path, 0
        self._cipher, self._name, self._place, self._hash = AESGCM(key), name, 0, hashlib.sha256()
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, value: object) -> None:
        packed = zlib.compress(_written(value), 1)
        self._hash.update(packed)
        self._frame(_VALUE + packed)

    def finish(self, path: Path) -> None:
        """Close the file with its hash, on the disk before it is called `path`."""
        self._frame(_END + self._hash.digest())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.path.replace(path)

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _frame(self, plain: bytes) -> None:
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, plain, _tied(self._name, self._place))
        self._place += 1
        self.written += self._file.write(_LENGTH.pack(len(sealed)) + nonce + sealed)


def read_sealed(path: Path, key: bytes, name: str) -> Iterator[Any]:
    """The values in their order. Raises Unreadable where something is not as it was written, OSError."""
    cipher, seen, place = AESGCM(key), hashlib.sha256(), 0
    with path.open("rb") as file:
        while head := file.read(_LENGTH.size + _NONCE):
            try:
                (length,) = _LENGTH.unpack(head[: _LENGTH.size])
                plain = cipher.decrypt(head[_LENGTH.size :], file.read(length), _tied(name, place))
            except (InvalidTag, ValueError, struct.error):
                raise Unreadable(path.name) from None
            if plain.startswith(_END):
                if plain[1:] == seen.digest() and not file.read(1):
                    return
                break
            seen.update(plain[1:])
            place += 1
            yield _read(zlib.decompress(plain[1:]))
    raise Unreadable(path.name)


def _written(value: Any) -> bytes:
    try:
        return _QUICK + marshal.dumps(value, _MARSHAL_VERSION)
    except ValueError:  # a date, a time zone
        return _TYPED + plain_pickle.dumps(value)


def _read(content: bytes) -> Any:
    """Of a frame that was ours, by its cipher: marshal would believe anything."""
    kind, written = content[:1], content[1:]
    return marshal.loads(written) if kind == _QUICK else plain_pickle.loads(written)  # noqa: S302


def _tied(name: str, place: int) -> bytes:
    return f"{name}\0{place}".encode()
