FROM node:24-slim AS client
WORKDIR /src/clients/web
COPY clients/web/core/package.json clients/web/core/package-lock.json clients/web/core/.npmrc core/
COPY clients/web/app/package.json clients/web/app/package-lock.json clients/web/app/.npmrc app/
RUN npm ci --prefix core && npm ci --prefix app
COPY clients/web .
RUN cd app && npx tsc -p ../core && node build.mjs --out /src/dist

FROM python:3.13-slim-trixie
# What « miss backup » calls: restic, and PostgreSQL's client programs of the version of compose.yaml, of its own packagers.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssl postgresql-common restic \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --home /var/lib/miss miss \
    && install -d -o miss -g miss -m 700 /var/lib/miss /var/lib/miss-keys
WORKDIR /opt/miss
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY miss miss
COPY --from=client /src/dist miss/server/client/dist
COPY teleexpertise teleexpertise
COPY movements movements
COPY forms forms
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
USER miss
CMD ["miss", "serve"]
