"""A SIP party that refuses: every INVITE is answered with one final response, on a UDP port of the loopback.

May not hold a call: for those there are real baresips.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

COPIED = ("via:", "from:", "call-id:", "cseq:")
"""What a response repeats of its request (RFC 3261 8.2.6.2)."""


@contextmanager
def refusing(status: str) -> Iterator[str]:
    """The address of a party that answers so, such as `603 Decline`; several calls one after another."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as served:
        served.bind(("127.0.0.1", 0))
        host, port = served.getsockname()
        thread = threading.Thread(target=_serve, args=(served, status), daemon=True)
        thread.start()
        try:
            yield f"sip:x@{host}:{port}"
        finally:
            served.sendto(b"", (host, port))
            thread.join(5.0)


def _serve(served: socket.socket, status: str) -> None:
    while True:
        data, sender = served.recvfrom(65536)
        if not data:
            return
        head = data.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
        if head[0].startswith("INVITE "):
            same = [line for line in head if line.lower().startswith(COPIED)]
            to = next(line for line in head if line.lower().startswith("to:"))
            answer = [f"SIP/2.0 {status}", *same, f"{to};tag=refused", "Content-Length: 0", "", ""]
            served.sendto("\r\n".join(answer).encode(), sender)
