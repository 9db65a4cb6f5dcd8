"""Which documents were secret, remembered without saying which.

The states of a secret document come later, as messages without a mark of secrecy, and name
it. So that they are not set aside as "not known yet", the document's id is kept as a keyed
hash, in a file beside the configuration; nothing can be read back out of it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

KEY_BYTES, HASH_BYTES = 32, 16


class SecretIds:
    """The file: the key, then one hash a line. It is made when the first secret document comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = b""
        self._hashes: set[str] = set()
        if path.is_file():
            first, *rest = path.read_text("ascii").split()
            self._key, self._hashes = bytes.fromhex(first), set(rest)

    def add(self, document: str) -> None:
        if not document or document in self:
            return
        lines = []
        if not self._key:
            self._key = secrets.token_bytes(KEY_BYTES)
            lines = [self._key.hex()]
            self._path.parent.mkdir(parents=True, exist_ok=True)
        lines.append(self._hash(document))
        self._hashes.add(lines[-1])
        with self._path.open("a", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def __contains__(self, document: str) -> bool:
        return bool(self._hashes) and self._hash(document) in self._hashes

    def _hash(self, document: str) -> str:
        return hmac.new(self._key, document.encode(), hashlib.sha256).hexdigest()[: 2 * HASH_BYTES]
