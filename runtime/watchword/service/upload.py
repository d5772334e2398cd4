"""The recording that a request carries, received within a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

FIELD = "file"
"""Name of the multipart field that holds the recording."""

SPOOL = 2**20
"""Bytes of one recording kept in memory; a longer one goes to a temporary file."""


@asynccontextmanager
async def recording(request: Request, max_bytes: int) -> AsyncIterator[BinaryIO]:
    """The recording, from a multipart field or the whole body, as a file at its start; closed afterwards."""
    if int(request.headers.get("content-length", "0")) > max_bytes:
        raise _too_large(max_bytes)
    limited = Request(request.scope, _limit(request.receive, max_bytes))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    source = _multipart(limited) if kind == "multipart/form-data" else _whole_body(limited)
    try:
        async with source as file:
            if not file.read(1):
                raise HTTPException(400, "the recording is empty; send the bytes of an audio file")
            file.seek(0)
            yield file
    except ClientDisconnect as exc:
        raise HTTPException(400, "the connection closed before the end of the recording") from exc


@asynccontextmanager
async def _multipart(request: Request) -> AsyncIterator[BinaryIO]:
    async with request.form(max_files=1) as form:
        upload = form.get(FIELD)
        if not isinstance(upload, UploadFile):
            raise HTTPException(400, f"the form has no file named {FIELD!r}; send the recording in that field")
        yield upload.file


@asynccontextmanager
async def _whole_body(request: Request) -> AsyncIterator[BinaryIO]:
    with SpooledTemporaryFile(SPOOL) as file:
        async for chunk in request.stream():
            file.write(chunk)
        file.seek(0)
        yield cast(BinaryIO, file)  # typeshed only lacks the base class


def _limit(receive: Receive, max_bytes: int) -> Receive:
    """The same messages, until their bodies exceed `max_bytes`: a chunked request announces no length."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise _too_large(max_bytes)
        return message

    return limited


def _too_large(max_bytes: int) -> HTTPException:
    """A refusal that ends the connection, and with it the rest of the upload."""
    message = f"the request is larger than {max_bytes} bytes; send a shorter recording, or FLAC"
    return HTTPException(413, message, {"Connection": "close"})
