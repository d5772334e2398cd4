"""The HTTP application: one recording in, the events in it out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, BinaryIO

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from watchword import __version__
from watchword.audio import blocks
from watchword.bundle import Bundle
from watchword.detector import Detector, Event
from watchword.errors import AudioError
from watchword.hearing import hear
from watchword.network import Network, Pcm
from watchword.service.answers import Detections, Health, Occurrence, Refusal, refusal
from watchword.service.settings import ServiceSettings
from watchword.service.upload import FIELD, recording

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": [FIELD], "properties": {FIELD: _BINARY["schema"]}}}
_RAW = ("audio/wav", "audio/flac", "audio/ogg", "audio/mpeg", "application/octet-stream")

BODY: dict[str, Any] = {
    "requestBody": {
        "description": "The bytes of an audio file: its own header tells the format, whatever the media type says.",
        "required": True,
        "content": {"multipart/form-data": _FORM, **dict.fromkeys(_RAW, _BINARY)},
    }
}

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "No recording, or a request that ended early"},
    413: {"model": Refusal, "description": "Larger than the service accepts"},
    415: {"model": Refusal, "description": "Not a recording that can be decoded"},
    422: {"model": Refusal, "description": "A parameter that is unknown or out of range"},
    500: {"model": Refusal, "description": "A fault of the service; its log says more"},
    503: {"model": Refusal, "description": "The service stops before the end of the recording"},
}


def create_app(bundle: Bundle, settings: ServiceSettings, stopping: threading.Event | None = None) -> FastAPI:
    """The application that listens with `bundle`; once `stopping` is set, recordings in work are given up."""
    stop = stopping or threading.Event()
    word, usual = bundle.manifest.word, settings.threshold or bundle.manifest.threshold
    # Swagger's own page would load scripts from elsewhere.
    app = FastAPI(title="Watchword", version=__version__, docs_url=None, redoc_url=None)
    network = Network(bundle)  # one for all requests; a model that does not run is refused here
    pool = ThreadPoolExecutor(settings.workers, "detect")

    @app.get("/healthz")
    async def health() -> Health:
        """Whether the service is up."""
        return Health(status="ok", word=word, version=__version__)

    @app.post("/v1/detect", responses=REFUSALS, openapi_extra=BODY, response_model_exclude_unset=True)
    async def detect(
        request: Request,
        threshold: Annotated[float, Query(gt=0, le=1, description="Smoothed probability that makes an event")] = usual,
        peaks: Annotated[bool, Query(description="Whether to add the local maxima of the probability")] = False,
    ) -> Detections:
        """Find the word in a recording."""
        if unknown := request.query_params.keys() - {"threshold", "peaks"}:
            raise HTTPException(422, f"unknown parameters: {', '.join(sorted(unknown))}; expected threshold or peaks")
        async with recording(request, settings.max_bytes) as file:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(pool, _listen, Detector(bundle, threshold, network), file, peaks, stop)

    _refuse_in_json(app)
    return app


def _listen(detector: Detector, file: BinaryIO, peaks: bool, stop: threading.Event) -> Detections:
    """Decode and hear the whole of `file`."""

    def recorded() -> Iterator[Pcm]:
        for block in blocks(file, detector.manifest.sample_rate):
            if stop.is_set():
                raise HTTPException(503, "the service is stopping; send the recording again")
            yield block

    heard = hear(detector, recorded())
    answer = Detections(
        word=detector.manifest.word,
        duration=round(heard.seconds, 3),
        threshold=detector.threshold,
        events=_occurrences(heard.events),
    )
    if peaks:
        answer.peaks = _occurrences(heard.peaks)
    return answer


def _occurrences(events: list[Event]) -> list[Occurrence]:
    return [Occurrence(time=round(event.time, 3), score=round(event.score, 4)) for event in events]


def _refuse_in_json(app: FastAPI) -> None:
    """Give every failure the same form, and keep what only the log should know out of it."""

    @app.exception_handler(HTTPException)
    async def http(_: Request, exc: HTTPException) -> Response:
        return refusal(exc.status_code, exc.detail, exc.headers)

    @app.exception_handler(AudioError)
    async def audio(_: Request, exc: AudioError) -> Response:
        return refusal(415, str(exc))

    @app.exception_handler(RequestValidationError)
    async def parameter(_: Request, exc: RequestValidationError) -> Response:
        return refusal(422, "; ".join(f"{error['loc'][-1]}: {error['msg']}" for error in exc.errors()))

    @app.exception_handler(Exception)
    async def fault(_: Request, exc: Exception) -> Response:
        return refusal(500, "the service failed on this request; its log says more")
