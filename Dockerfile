FROM python:3.13-slim
RUN useradd --system --home /var/lib/miss miss \
    && install -d -o miss -g miss -m 700 /var/lib/miss /var/lib/miss-keys
WORKDIR /opt/miss
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY miss miss
COPY teleexpertise teleexpertise
COPY forms forms
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
USER miss
CMD ["miss", "serve"]
