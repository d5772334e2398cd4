"""The JSON that the service answers with."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unreadable_audio",
    HTTPStatus.UNPROCESSABLE_ENTITY: "invalid_parameter",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal",
    HTTPStatus.SERVICE_UNAVAILABLE: "stopping",
}
"""One code for each status, for programs to compare."""


class Occurrence(BaseModel):
    """One place in a recording."""

    time: float = Field(description="Seconds from the start of the recording to the end of the word.")
    score: float = Field(description="Smoothed probability, from 0 to 1.")


class Detections(BaseModel):
    """What was heard in one recording."""

    word: str = Field(description="Name of the detector.")
    duration: float = Field(description="Seconds of audio.")
    threshold: float = Field(description="The smoothed probability that made an event.")
    events: list[Occurrence] = Field(description="Detections, in order of time.")
    peaks: list[Occurrence] = Field(
        default=[], description="Local maxima of the smoothed probability at any height; only where asked for."
    )


class Health(BaseModel):
    """A service that is up, with its model loaded."""

    status: str = Field(description="Always `ok`.")
    word: str = Field(description="The word that it listens for.")
    version: str = Field(description="Version of Watchword.")


class Problem(BaseModel):
    """Why a request was refused."""

    code: str = Field(description="For programs: the same for every problem of this status.")
    message: str = Field(description="For people: what was wrong and what was expected.")


class Refusal(BaseModel):
    """The answer to every request that fails."""

    error: Problem


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that refuses a request."""
    problem = Problem(code=CODES.get(HTTPStatus(status), "refused"), message=message)
    return JSONResponse(Refusal(error=problem).model_dump(), status, headers)
