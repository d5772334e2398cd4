"""What the service is told when it starts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from watchword.errors import ServiceError

MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """Where the service listens and what it accepts."""

    host: str = "127.0.0.1"
    """Name or address to listen on."""

    port: int = 8765
    """TCP port; 0 takes any free one."""

    max_bytes: int = 25 * MIB
    """Bytes of the largest request body, multipart framing included."""

    threshold: float | None = None
    """Smoothed probability that makes an event where a request names none; None: the bundle's."""

    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    """Recordings in work at the same time; further ones wait."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ServiceError(f"port is {self.port}; expected 0 to 65535")
        if self.max_bytes < 1 or self.workers < 1:
            raise ServiceError("max_bytes and workers must be at least 1; leave out --max-mib for the default")
