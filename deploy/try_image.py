"""The trial that build-without-docker.sh runs inside the image."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

PORT = 8765
RECORDING = Path("/examples/activated.flac")


def main() -> None:
    """Start the service as the image does, but on loopback; use it; stop it."""
    assert os.getuid() == 10001, f"runs as uid {os.getuid()}, expected 10001"
    service = subprocess.Popen(["watchword", "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout is not None
        address = service.stdout.readline().removeprefix("listening on ").strip()
        assert address.endswith(f":{PORT}"), f"announced {address!r}, expected port {PORT}"
        kind, *check = json.loads(os.environ["HEALTH"])
        assert kind == "CMD", f"the image's check is {kind}, expected CMD"
        subprocess.run(check, check=True)
        client = http.client.HTTPConnection("127.0.0.1", PORT)
        client.request("POST", "/v1/detect?peaks=true", RECORDING.read_bytes())
        heard = json.load(client.getresponse())
        told = json.loads(subprocess.check_output(["watchword", "detect", RECORDING, "--json", "--peaks"]))
        assert heard["peaks"], f"heard nothing at all: {heard}"
        assert {**heard, **told} == {**told, **heard}, f"the service says {heard}, the command line {told}"
        sys.stdout.write(f"POST /v1/detect: {heard}\n")
    finally:
        service.terminate()
        code = service.wait(timeout=30)
    assert code == 0, f"stopped with code {code}, expected 0"


if __name__ == "__main__":
    main()
