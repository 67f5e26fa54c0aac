"""A PostgreSQL that can fall silent: a proxy before the real one that passes everything on, or nothing."""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

SOCKET = ".s.PGSQL.5432"
CHUNK = 1 << 16


class FreezableProxy:
    """Listens where a PostgreSQL would, in `folder`; frozen, it takes what it is sent and answers nothing."""

    def __init__(self, *, server: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="julia-")
        self.folder = Path(self._folder.name)
        self._server = server
        self._speaks = threading.Event()
        self._speaks.set()
        self._until: bytes | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / SOCKET))
        self._listener.listen()
        self._sockets = [self._listener]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def freeze(self) -> None:
        """Answer nothing from now on."""
        self._speaks.clear()

    def freeze_at(self, word: bytes) -> None:
        """Answer nothing from the moment a client sends this."""
        self._until = word

    def thaw(self) -> None:
        """Answer again, what was asked meanwhile too."""
        self._until = None
        self._speaks.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.thaw()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=10)
        for one in self._sockets:
            one.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._speaks.wait()
            server = socket.socket(socket.AF_UNIX)
            self._sockets += [client, server]
            server.connect(str(self._server / SOCKET))
            pair = [
                threading.Thread(target=self._pass_on, args=(client, server), kwargs={"is_client": True}),
                threading.Thread(target=self._pass_on, args=(server, client), kwargs={"is_client": False}),
            ]
            self._threads += pair
            for thread in pair:
                thread.start()

    def _pass_on(self, from_: socket.socket, to: socket.socket, *, is_client: bool) -> None:
        # Either side may hang up first: that ends both directions.
        with suppress(OSError):
            while data := from_.recv(CHUNK):
                if is_client and self._until and self._until in data:
                    self._speaks.clear()
                if not self._speaks.is_set():
                    self._speaks.wait()
                to.sendall(data)
        for side in (from_, to):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
