# The service alone: `docker build -t watchword .`, then `docker run --rm -p 127.0.0.1:8765:8765 watchword`.
# With a folder wheelhouse/ beside this file nothing is fetched but Debian's Python:
#   pip wheel --wheel-dir wheelhouse '.[serve]'     (on Python 3.11, the one of the base)

ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /source
COPY . .
# pip is needed no more once everything is installed.
RUN python3 -m venv /opt/watchword \
    && if [ -d wheelhouse ]; then set -- --no-index --find-links wheelhouse 'watchword[serve]'; else set -- '.[serve]'; fi \
    && /opt/watchword/bin/pip install --no-cache-dir "$@" \
    && /opt/watchword/bin/pip uninstall -y pip setuptools

FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin watchword
COPY --from=build /opt/watchword /opt/watchword
ENV PATH=/opt/watchword/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1
USER 10001:10001
EXPOSE 8765
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
ENTRYPOINT ["watchword"]
# Inside the container every address; which of them the world sees is for `docker run -p` to say.
CMD ["serve", "--host", "0.0.0.0"]
