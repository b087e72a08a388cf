# Two stages: the first has pip and every locked wheel, the second only what runs. Only the two volumes are written to.
FROM python:3.11-slim AS build
WORKDIR /src
# Every package, with its hash checked; the steps below install only from here.
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --no-deps --require-hashes --requirement requirements.lock --wheel-dir /wheels
COPY pyproject.toml README.md LICENSE cron.yaml ./
COPY dailypapers ./dailypapers
COPY ingest ./ingest
COPY parsers ./parsers
COPY snapshots ./snapshots
RUN python -m venv /build && /build/bin/pip install --no-index --find-links /wheels hatchling editables
RUN /build/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels .
# Only the locked packages that the wheel needs at run time.
RUN python -m venv --without-pip /opt/dailypapers
RUN pip --python /opt/dailypapers install --no-index --find-links /wheels "dailypapers[metrics]"

FROM python:3.11-slim
COPY --from=build /opt/dailypapers /opt/dailypapers
# A numeric user, as Kubernetes' runAsNonRoot requires; new volumes take the owner of these folders.
RUN mkdir -p /store /state /etc/dailypapers && chown 10001:10001 /store /state
ENV DAILYPAPERS_STORE=/store DAILYPAPERS_STATE=/state PYTHONUNBUFFERED=1 DAILYPAPERS_LOG_FORMAT=json PATH=/opt/dailypapers/bin:$PATH
VOLUME ["/store", "/state"]
USER 10001:10001
# A cron.yaml mounted here is used; without one, the default jobs run.
WORKDIR /etc/dailypapers
ENTRYPOINT ["dailypapers"]
CMD ["cron", "run"]
