"""The service as its clients meet it: a process, and HTTP over a socket."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from watchword import Detector, Event, ServiceError, __version__, audio
from watchword.bundle import load
from watchword.hearing import hear
from watchword.network import Pcm
from watchword.service import command
from watchword.service.app import create_app
from watchword.service.settings import MIB, ServiceSettings

EXAMPLES = Path(__file__).parents[1] / "examples"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
FORM_START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address; killed afterwards if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "watchword.cli", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("listening on ")
        try:
            yield process, address
        finally:
            process.kill()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server that takes one mebibyte at most."""
    with serving("--max-mib", "1") as (_, url):
        yield url


def sound(seconds: float, kind: str, seed: int = 0) -> bytes:
    """Bursts of noise, as an audio file."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.uniform(0, 9_000, round(seconds * 10)), 1_600)
    pcm = (level * rng.standard_normal(len(level))).clip(-32_768, 32_767).astype(np.int16)
    return encoded(pcm, kind)


def encoded(pcm: Pcm, kind: str, sample_rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, pcm, sample_rate, format=kind)
    return file.getvalue()


def expected(content: bytes, threshold: float | None = None) -> dict[str, Any]:
    """What the detector itself says about a recording."""
    pcm = audio.read(io.BytesIO(content))
    detector = Detector("activate", threshold)
    heard = hear(detector, [pcm])
    return {
        "word": detector.manifest.word,
        "duration": heard.seconds,
        "threshold": detector.threshold,
        "events": rounded(heard.events),
        "peaks": rounded(heard.peaks),
    }


def low_threshold(content: bytes) -> float:
    """A threshold at which there are events, whatever the recording and the model."""
    scores: list[float] = [peak["score"] for peak in expected(content)["peaks"]]
    return round(0.9 * max(scores), 4)


def rounded(events: list[Event]) -> list[dict[str, float]]:
    return [{"time": round(event.time, 3), "score": round(event.score, 4)} for event in events]


def problem(answer: httpx.Response) -> str:
    """The code of a refusal, which must have the documented form and show nothing of the inside."""
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message"}
    assert "Traceback" not in answer.text
    assert " object at 0x" not in answer.text
    return str(body["error"]["code"])


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
def test_body_and_form_are_heard_alike(address: str, kind: str) -> None:
    """
    A recording as raw body and as form field gives exactly what the detector gives on it.
    """
    content = sound(8, kind)
    threshold = low_threshold(content)
    options = {"threshold": str(threshold), "peaks": "true"}

    body = httpx.post(f"{address}/v1/detect", params=options, content=content, headers={"Content-Type": "audio/x"})
    form = httpx.post(f"{address}/v1/detect", params=options, files={"file": content})

    assert body.json() == form.json() == expected(content, threshold)
    assert body.json()["events"]


def test_answer_is_the_command_line_s(address: str, tmp_path: Path) -> None:
    """
    The service and `watchword detect --json` say the same of a recording.
    """
    content = sound(8, "FLAC")
    threshold = str(low_threshold(content))
    file = tmp_path / "bursts.flac"
    file.write_bytes(content)
    detect = [sys.executable, "-m", "watchword.cli", "detect", str(file), "--json", "--peaks", "--threshold", threshold]

    answer = httpx.post(f"{address}/v1/detect", params={"threshold": threshold, "peaks": "1"}, content=content).json()
    line = json.loads(subprocess.run(detect, stdout=subprocess.PIPE, check=True).stdout)

    assert line["events"]
    assert {**answer, "file": str(file)} == {"word": "activate", "threshold": float(threshold), **line}


def test_defaults_are_the_bundle_s(address: str) -> None:
    """
    Without parameters the threshold is the bundle's, and no peaks are listed.
    """
    content = (EXAMPLES / "activated.flac").read_bytes()
    wanted = expected(content)
    del wanted["peaks"]

    answer = httpx.post(f"{address}/v1/detect", content=content)

    assert answer.json() == wanted


def test_started_with_a_threshold() -> None:
    """
    The threshold given at the start is the one of requests that name none, and stands in the description.
    """
    with serving("--threshold", "0.125") as (_, url):
        answer = httpx.post(f"{url}/v1/detect", content=sound(1, "FLAC"))
        parameters = httpx.get(f"{url}/openapi.json").json()["paths"]["/v1/detect"]["post"]["parameters"]

    assert answer.json()["threshold"] == 0.125
    assert {p["name"]: p["schema"]["default"] for p in parameters} == {"threshold": 0.125, "peaks": False}


def test_long_upload_is_spooled() -> None:
    """
    A recording of several mebibytes, which goes through a temporary file, is heard whole.
    """
    content = sound(100, "WAV")

    with serving() as (_, url):
        body = httpx.post(f"{url}/v1/detect?peaks=1", content=content, timeout=60)
        form = httpx.post(f"{url}/v1/detect?peaks=1", files={"file": content}, timeout=60)

    assert body.json() == form.json() == expected(content)


def test_concurrent_requests_are_independent(address: str) -> None:
    """
    Requests at the same time give the same as one after the other, whatever their neighbours.
    """
    contents = [sound(5, "FLAC", seed) for seed in (1, 2)] * 4

    with ThreadPoolExecutor(len(contents)) as pool:
        answers = list(pool.map(lambda c: httpx.post(f"{address}/v1/detect?peaks=1", content=c, timeout=60), contents))

    assert [a.json() for a in answers] == [expected(c) for c in contents]


def test_health_is_answered_during_a_long_recording(address: str) -> None:
    """
    Decoding minutes of audio does not keep the service from answering others.
    """
    minutes = encoded(np.zeros(900 * 16_000, np.int16), "FLAC")
    answered = 0

    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(httpx.post, f"{address}/v1/detect", content=minutes, timeout=120)
        while not long.done():
            health = httpx.get(f"{address}/healthz", timeout=120)
            answered += 1

    assert health.json() == {"status": "ok", "word": "activate", "version": __version__}
    assert long.result().json()["duration"] == 900
    assert answered > 5  # on the event loop it would be one or two


def test_announced_size_is_refused_at_once(address: str) -> None:
    """
    A Content-Length above the limit is refused before a single byte of the body is sent.
    """
    url = httpx.URL(address)
    head = f"POST /v1/detect HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: {MIB + 1}\r\n\r\n"

    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"too_large"' in answer


def test_limit_is_inclusive(address: str) -> None:
    """
    A body of exactly the limit is read, and refused only for what it holds.
    """
    answer = httpx.post(f"{address}/v1/detect", content=bytes(MIB))

    assert (answer.status_code, problem(answer)) == (415, "unreadable_audio")


@pytest.mark.parametrize(("headers", "start"), [({}, b""), (FORM, FORM_START)], ids=["body", "form"])
def test_endless_upload_is_cut_off(address: str, headers: dict[str, str], start: bytes) -> None:
    """
    An upload that announces no length is refused soon after the limit, long before its end.
    """
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield start
        while sent < 256 * MIB:
            sent += 65_536
            yield bytes(65_536)

    answer = httpx.post(f"{address}/v1/detect", content=endless(), headers=headers, timeout=60)

    assert (answer.status_code, problem(answer)) == (413, "too_large")
    assert sent < 32 * MIB  # measured 4 to 7 MiB: the limit and the sockets' buffers


def test_broken_upload_leaves_no_trace() -> None:
    """
    A client that leaves in the middle of an upload neither stops the service nor fills its log.
    """
    with serving() as (process, address):
        url = httpx.URL(address)
        for headers in ("", "Content-Type: multipart/form-data; boundary=x\r\n"):
            with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
                head = f"POST /v1/detect HTTP/1.1\r\nHost: {url.host}\r\n{headers}Content-Length: 999\r\n\r\n"
                connection.sendall(head.encode() + FORM_START)
        health = httpx.get(f"{address}/healthz")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)

    assert health.status_code == 200
    assert log == ""


@pytest.mark.parametrize("content", [b"this is no recording", bytes(1_000), b"RIFF\x00\x00\x00\x00WAVE"])
def test_not_audio(address: str, content: bytes) -> None:
    """
    What cannot be decoded is refused as such, as body and as form, with the decoder's reason.
    """
    body = httpx.post(f"{address}/v1/detect", content=content)
    form = httpx.post(f"{address}/v1/detect", files={"file": content})

    assert (body.status_code, problem(body)) == (form.status_code, problem(form)) == (415, "unreadable_audio")
    assert "expected WAV" in body.json()["error"]["message"]


@pytest.mark.parametrize(
    "request_",
    [{"content": b""}, {"files": {"file": b""}}, {"files": {"other": b"x"}}, {"content": b"x", "headers": FORM}],
    ids=["no-body", "empty-file", "other-field", "malformed-form"],
)
def test_no_recording(address: str, request_: dict[str, Any]) -> None:
    """
    A request without a recording is a bad request.
    """
    answer = httpx.post(f"{address}/v1/detect", **request_)

    assert (answer.status_code, problem(answer)) == (400, "bad_request")


@pytest.mark.parametrize("query", ["threshold=0", "threshold=1.01", "threshold=nan", "threshold=high", "treshold=0.5"])
def test_bad_parameter(address: str, query: str) -> None:
    """
    A threshold outside (0, 1] and a parameter that does not exist are refused, not ignored.
    """
    answer = httpx.post(f"{address}/v1/detect?{query}", content=sound(1, "FLAC"))

    assert (answer.status_code, problem(answer)) == (422, "invalid_parameter")
    assert query.partition("=")[0] in answer.json()["error"]["message"]


def test_unknown_routes_and_methods_are_refused_in_the_same_form(address: str) -> None:
    """
    Refusals of the framework itself have the service's form.
    """
    assert problem(httpx.get(f"{address}/nowhere")) == "not_found"
    assert problem(httpx.get(f"{address}/v1/detect")) == "method_not_allowed"


def test_fault_tells_the_client_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    An unforeseen exception becomes a plain 500: its text stays inside.
    """

    def failing(*_: object) -> Iterator[Pcm]:
        raise RuntimeError("secret")

    monkeypatch.setattr("watchword.service.app.blocks", failing)
    app = create_app(load("activate"), ServiceSettings())

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.post("/v1/detect", content=b"x")

    answer = asyncio.run(post())

    assert (answer.status_code, problem(answer)) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly(number: signal.Signals) -> None:
    """
    A signal ends the service with code 0 and nothing in its log.
    """
    with serving() as (process, url):
        httpx.get(f"{url}/healthz")
        process.send_signal(number)
        _, log = process.communicate(timeout=30)

    assert process.returncode == 0
    assert log == ""


def test_long_recording_does_not_delay_the_end() -> None:
    """
    A recording that takes longer than the grace period is given up: its sender is told, the service ends with code 0.
    """
    hours = encoded(np.zeros(10_000 * 4_000, np.int16), "FLAC", 4_000)

    with serving() as (process, url), ThreadPoolExecutor(1) as pool:
        long = pool.submit(httpx.post, f"{url}/v1/detect", content=hours, timeout=60)
        httpx.get(f"{url}/healthz")
        time.sleep(0.5)  # for the upload
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)

    assert (long.result().status_code, problem(long.result())) == (503, "stopping")
    assert process.returncode == 0
    assert log == ""


def test_open_host_is_warned_about() -> None:
    """
    Listening beyond loopback is said to be without authentication, in one line.
    """
    with serving("--host", "0.0.0.0") as (process, _):
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)

    assert "no authentication" in log
    assert log.count("\n") == 1


def arguments(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(options)


def test_port_in_use(address: str) -> None:
    """
    A port that is taken is an error of one line that names it.
    """
    port = str(httpx.URL(address).port)

    with pytest.raises(ServiceError, match=f"{port} .*in use") as caught:
        command.run(arguments("--port", port))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"port": -1}, {"port": 65_536}, {"max_bytes": 0}, {"workers": 0}])
def test_impossible_settings(wrong: dict[str, Any]) -> None:
    """
    Settings that cannot work are refused before anything starts.
    """
    with pytest.raises(ServiceError, match=r"expected|at least"):
        ServiceSettings(**wrong)


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without the extra the verb says how to install it.
    """
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "uvicorn" else object())

    with pytest.raises(ServiceError, match=r"uvicorn.*pip install 'watchword\[serve\]'"):
        command.run(arguments())
