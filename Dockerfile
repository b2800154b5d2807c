# VAD without its sandbox. docs/deployment.md tells how to build and run it; tests/deploy rehearses these very steps.
ARG PYTHON=3.11-slim-bookworm

# Style sheet and fonts of the pages, and VAD as a wheel. What makes them stays behind in this stage.
FROM python:${PYTHON} AS wheel
WORKDIR /src
COPY deploy/requirements-build.txt deploy/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r deploy/requirements-build.txt
COPY deploy/assets.py deploy/assets.json deploy/
RUN /opt/build/bin/python deploy/assets.py
COPY pyproject.toml README.md LICENSE requirements.in ./
COPY vad vad
# .dockerignore leaves the sandbox out already, but not every builder heeds that file. And setuptools takes templates and
# translations, which lie in folders that are no packages, only when told to.
RUN rm -rf vad/sandbox \
    && echo "graft vad" > MANIFEST.in \
    && /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /opt/wheel .

# The virtual environment as it will run: what requirements.txt pins, VAD, and not even pip.
FROM python:${PYTHON} AS packages
COPY requirements.txt requirements-granian.txt requirements-otel.txt /src/
RUN python -m venv --without-pip /opt/vad \
    && python -m pip --python /opt/vad/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r /src/requirements.txt
# What not everybody needs: "otel", "granian" or both.
ARG EXTRAS=""
RUN for extra in ${EXTRAS}; do \
        python -m pip --python /opt/vad/bin/python install --no-cache-dir --only-binary :all: --require-hashes \
            -r "/src/requirements-${extra}.txt" || exit 1; \
    done
COPY --from=wheel /opt/wheel /opt/wheel
RUN python -m pip --python /opt/vad/bin/python install --no-cache-dir --no-deps --no-index /opt/wheel/*.whl \
    && /opt/vad/bin/vad --help \
    && /opt/vad/bin/python -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('vad.sandbox') is not None)"

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="VAD" \
      org.opencontainers.image.description="The trusted authentication service for Mijn Gezondheidsoverzicht" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="EUPL-1.2"
COPY --from=packages /opt/vad /opt/vad
COPY config/vad.toml /opt/vad/config/
ENV PATH=/opt/vad/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VAD_CONFIG=/opt/vad/config
# Python looks for modules in the working directory as well: it must be one that nobody can write in.
WORKDIR /opt/vad
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["vad"]
CMD ["serve", "--bind", "0.0.0.0:8000"]
