# One image for nodes, workers, migrations and the balancer; docker-compose.yml says who runs what.
# Not built where Parley is developed, which has no Docker engine: its steps were run by hand there.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the embedded Postgres, which is optional.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund
COPY --from=build /app/dist dist
USER node
EXPOSE 3000
CMD ["node", "--max-semi-space-size=32", "--enable-source-maps", "dist/server/index.js"]
