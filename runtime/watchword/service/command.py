"""The verb `serve`."""

from __future__ import annotations

import argparse
import socket
import sys
from importlib.util import find_spec
from ipaddress import ip_address
from threading import Event

from watchword import options
from watchword.bundle import load
from watchword.errors import ServiceError
from watchword.service.settings import MIB, ServiceSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    options.add_model(parser)
    options.add_threshold(parser)
    parser.add_argument("--host", default=ServiceSettings.host, help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=ServiceSettings.port, help="0 takes a free one (%(default)s)")
    parser.add_argument(
        "--max-mib", type=int, default=ServiceSettings.max_bytes // MIB, help="largest request, in MiB (%(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    settings = ServiceSettings(
        host=arguments.host,
        port=arguments.port,
        max_bytes=arguments.max_mib * MIB,
        threshold=arguments.threshold,
    )
    if missing := [name for name in ("fastapi", "python_multipart", "uvicorn") if find_spec(name) is None]:
        raise ServiceError(f"serve needs {', '.join(missing)}; install with: pip install 'watchword[serve]'")

    from watchword.service.app import create_app
    from watchword.service.server import Server

    stopping = Event()
    with _listener(settings) as listener:
        server = Server(create_app(load(arguments.model), settings, stopping), stopping)
        _announce(listener)
        server.run(sockets=[listener])
    return 0


def _listener(settings: ServiceSettings) -> socket.socket:
    """A socket that already takes connections; binding here makes a port in use one line, not a traceback."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        return socket.create_server(address, family=family)
    except OSError as exc:
        raise ServiceError(
            f"cannot listen on {settings.host} port {settings.port} ({exc.strerror}); choose another --port or --host"
        ) from exc


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    if not ip_address(host.partition("%")[0]).is_loopback:
        sys.stderr.write(f"watchword: no authentication: whoever reaches {name}:{port} can use this service\n")
    sys.stdout.write(f"listening on http://{name}:{port}\n")
    sys.stdout.flush()
