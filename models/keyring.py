"""The key that keeps words and Telegram identifiers unreadable on disk.

One 32-byte secret gives two independent keys (HKDF-SHA256, RFC 5869): one encrypts (AES-256-GCM,
NIST SP 800-38D, a fresh 96-bit nonce each time), the other makes look-up keys (HMAC-SHA256), so
that a row can be found by a Telegram id that is nowhere stored in the clear.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_SECRET_BYTES = 32
SEALED = b"\x01"


class KeyringError(Exception):
    """The key is missing, malformed, unreadable or not the one the data was written with."""


class Keyring:
    """Encrypts, decrypts and makes look-up keys. Holds no state but its two keys."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _SECRET_BYTES:
            raise KeyringError(f"the data key must be {_SECRET_BYTES} bytes, not {len(secret)}")
        self._cipher = AESGCM(_derive(secret, b"holdfast encrypt"))
        self._lookup_key = _derive(secret, b"holdfast lookup")

    @classmethod
    def from_text(cls, text: str) -> Keyring:
        """Read a key written as URL-safe base64 of 32 bytes; `KeyringError` where it is not."""
        try:
            secret = base64.b64decode(text.strip().encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise KeyringError("the data key is not base64") from error
        return cls(secret)

    @classmethod
    def from_file(cls, path: Path) -> Keyring:
        """Read the key from ``path``, made on first use with mode 0600."""
        if path.exists():
            return cls._read(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = new_secret()
        # Written whole and linked into place: of two processes that start at once, one makes the
        # key and both use it, and no crash leaves half a key behind.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return cls._read(path)

    @classmethod
    def _read(cls, path: Path) -> Keyring:
        try:
            text = path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyringError(f"the data key in {path} cannot be read") from error
        return cls.from_text(text)

    def encrypt(self, text: str, purpose: str) -> bytes:
        """Seal ``text``; only the same key and the same ``purpose`` open it again."""
        nonce = os.urandom(_NONCE_BYTES)
        return SEALED + nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())

    def decrypt(self, sealed: bytes, purpose: str) -> str:
        """Open what `encrypt` sealed; `KeyringError` for another key, purpose or altered bytes."""
        if sealed[:1] != SEALED:
            raise KeyringError("sealed text of an unknown version")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise KeyringError(
                "stored text cannot be opened: the data key is not the one it was written with"
            ) from error

    def lookup(self, kind: str, value: int | str) -> str:
        """A key for finding ``value`` again: 64 hexadecimal digits, useless without the secret."""
        return hmac.new(self._lookup_key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def new_secret() -> str:
    """A fresh secret, as the text that `Keyring.from_text` reads."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=purpose).derive(secret)
