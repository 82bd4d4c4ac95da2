# docker build --target web | worker | worker-gpu . ; compose.yaml runs them.
# The steps are those of README.md and worker/README.md. For a card the host has NVIDIA's driver and container toolkit, and nothing else: what
# computes on it comes from the package registries, each file by its hash (scripts/engine/artefacts.ts), so that no image of CUDA is needed.

FROM node:22-bookworm-slim AS packages
WORKDIR /nodewise
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

FROM packages AS pages
ENV NEXT_TELEMETRY_DISABLED=1
COPY . .
RUN node node_modules/next/dist/bin/next build

FROM node:22-bookworm-slim AS product
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 NODEWISE_CACHE=/var/cache/nodewise
WORKDIR /nodewise
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund \
  && mkdir -p /var/cache/nodewise/features \
  && chown -R node:node /var/cache/nodewise
COPY . .

# Needs DATABASE_URL (nodewise_web), NODEWISE_ACTOR_SECRET, NODEWISE_STORE, NEXTAUTH_SECRET and NEXTAUTH_URL.
FROM product AS web
COPY --from=pages --chown=node:node /nodewise/.next .next
USER node
EXPOSE 3000
ENV NODEWISE_HOST=0.0.0.0
CMD ["node", "scripts/web.mjs"]

# What an engine is made with; it stays out of the images that run.
FROM product AS workshop
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends binutils g++ python3 python3-pip \
  && rm -rf /var/lib/apt/lists/*

FROM workshop AS engine
RUN node --import tsx scripts/engine/main.ts install

# There is no card where an image is made: the engine is tried on the processor, and again on the card before every training.
FROM workshop AS engine-gpu
RUN node --import tsx scripts/engine/main.ts install --gpu

# Needs DATABASE_URL (nodewise_worker), NODEWISE_ACTOR_SECRET and NODEWISE_STORE.
FROM product AS worker
COPY --from=engine --chown=node:node /var/cache/nodewise/engines /var/cache/nodewise/engines
USER node
CMD ["node", "--import", "tsx", "worker/main.ts"]

FROM product AS worker-gpu
# What the container toolkit brings in of the host's driver: CUDA, and NVML for its version in the record of a run.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=engine-gpu --chown=node:node /var/cache/nodewise/engines /var/cache/nodewise/engines
USER node
CMD ["node", "--import", "tsx", "worker/main.ts"]
