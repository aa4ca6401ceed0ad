"""What a zygote and its clients say to each other: one JSON object per message, with descriptors.

A message is its length (four bytes, network order), then UTF-8 JSON; descriptors travel with the
first byte (`SCM_RIGHTS`, unix(7)). Nothing that is read is ever executed or unpickled.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lcc.kernels.places import NotWarmError

__all__ = ["check_peer", "close_all", "connect", "receive", "send"]

HEAD = struct.Struct("!I")
LONGEST_MESSAGE_BYTES = 4_000_000
MOST_DESCRIPTORS = 8
CREDENTIALS = struct.Struct("3i")


def check_peer(connection: socket.socket) -> int:
    """Return the process at the other end of a connection, which must be this user's.

    Raises
    ------
    NotWarmError
        If it belongs to somebody else.
    """
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    process, user, _ = CREDENTIALS.unpack(raw)
    if user != os.getuid():
        raise NotWarmError(
            "the process at the other end is another user's",
            found=f"user {user}",
            expected=f"user {os.getuid()}",
        )
    return int(process)


def connect(path: Path, *, timeout_s: float) -> socket.socket:
    """Return a connection to a zygote of this user.

    Raises
    ------
    NotWarmError
        If nobody listens there, or the listener is another user's.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        connection.connect(str(path))
        check_peer(connection)
    except OSError as error:
        connection.close()
        if isinstance(error, NotWarmError):
            raise
        raise NotWarmError(
            "no warm process answers", file=path.name, found=error.strerror or str(error)
        ) from error
    except NotWarmError:
        connection.close()
        raise
    return connection


def send(
    connection: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int] = ()
) -> None:
    """Send one message and some open descriptors."""
    body = json.dumps(message).encode("utf-8")
    data = HEAD.pack(len(body)) + body
    sent = (
        socket.send_fds(connection, [data], list(descriptors))
        if descriptors
        else connection.send(data)
    )
    if sent < len(data):
        # Not of nothing: even that fails where the other end has answered and gone.
        connection.sendall(data[sent:])


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return one message and its descriptors, or None where the other end has closed.

    Raises
    ------
    NotWarmError
        If what comes is not such a message, or not in time.
    """
    descriptors: list[int] = []
    try:
        data, descriptors, _, _ = socket.recv_fds(connection, HEAD.size, MOST_DESCRIPTORS)
        if not data:
            return None
        data += _read(connection, HEAD.size - len(data))
        (length,) = HEAD.unpack(data)
        if length > LONGEST_MESSAGE_BYTES:
            raise NotWarmError("a message is too long", found=f"{length} bytes")
        message = json.loads(_read(connection, length))
        if not isinstance(message, dict):
            raise NotWarmError("a message is no object")
    except ConnectionResetError:
        close_all(descriptors)
        return None
    except (OSError, ValueError, RecursionError) as error:
        close_all(descriptors)
        raise NotWarmError("no answer, or none that can be read", found=str(error)) from error
    except NotWarmError:
        close_all(descriptors)
        raise
    return message, descriptors


def _read(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            raise NotWarmError("a message is cut short")
        parts += part
    return bytes(parts)


def close_all(descriptors: Sequence[int]) -> None:
    """Close descriptors that are not wanted."""
    for each in descriptors:
        os.close(each)
