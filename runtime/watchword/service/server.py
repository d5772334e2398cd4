"""The server process: one socket, ended by a signal."""

from __future__ import annotations

import asyncio
import signal
import socket
from threading import Event

import uvicorn
from fastapi import FastAPI

GRACE = 5
"""Seconds that recordings in work have once the service is told to stop."""

MARGIN = 2
"""Seconds after that for the answers; then connections are cut, an upload that stands still with them."""


class Server(uvicorn.Server):
    """uvicorn with clean ends: a signal is no failure, and no recording is too long to stop for."""

    def __init__(self, app: FastAPI, stopping: Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                lifespan="off",
                ws="none",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE + MARGIN,
            )
        )
        self._stopping = stopping
        # Once stopped, uvicorn raises the signal again for the handlers that it found: these.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests end, for a while."""
        asyncio.get_running_loop().call_later(GRACE, self._stopping.set)
        await super().shutdown(sockets)
