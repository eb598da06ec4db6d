# presswatch in a container. docs/installing.md says how to build and run it; compose.yaml starts it with all that it
# works with.

# The Python that the tests run with.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src

# Every package by its hash, as the lock names it. What only tests and builds need stays in this stage.
COPY requirements.lock ./
RUN pip download --no-cache-dir --no-deps --require-hashes --dest /wheels --requirement requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY crawler crawler
COPY presswatch presswatch
COPY scheduler scheduler
# What `init` writes in a container listens where a published port leads to. Nothing is served there until there is an
# account.
RUN sed -i 's/^  listen: 127.0.0.1:8484$/  listen: 0.0.0.0:8484/' config/presswatch.yaml \
    && grep -qx '  listen: 0.0.0.0:8484' config/presswatch.yaml
RUN pip wheel --no-cache-dir --no-deps --no-index --find-links /wheels --wheel-dir /wheel . \
    && python -m venv --without-pip /opt/presswatch \
    && set -- /wheel/presswatch-*.whl \
    && pip --python /opt/presswatch/bin/python install --no-cache-dir --no-index --find-links /wheels \
        "$1[apprise,mcp,oidc]"

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="presswatch" \
    org.opencontainers.image.description="A self-hosted media monitor" \
    org.opencontainers.image.version="0.2.0" \
    org.opencontainers.image.licenses="Apache-2.0"

# Volumes that are made begin as these folders: with their owner.
RUN groupadd --gid 8484 presswatch \
    && useradd --uid 8484 --gid 8484 --no-create-home --home-dir /var/lib/presswatch --shell /usr/sbin/nologin presswatch \
    && install -d -o 8484 -g 8484 -m 0700 /etc/presswatch /var/lib/presswatch
COPY --from=build /opt/presswatch /opt/presswatch

ENV PATH=/opt/presswatch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PRESSWATCH_CONFIG=/etc/presswatch \
    PRESSWATCH_DATA=/var/lib/presswatch
WORKDIR /var/lib/presswatch
# As a number, so that Kubernetes can tell that it is not root.
USER 8484:8484
VOLUME ["/etc/presswatch", "/var/lib/presswatch"]
EXPOSE 8484
STOPSIGNAL SIGTERM
# The pages answer, and they say that the daemon lives. A proxy of the environment is passed by.
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8484, timeout=8); c.request('GET', '/health/live'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["presswatch"]
CMD ["run"]
