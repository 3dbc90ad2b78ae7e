import * as v from "valibot";
import { route } from "./define.ts";
import { Id, text, Timestamp } from "./entities.ts";
import { type Permission, permissions } from "./permissions.ts";
import { Title, pageOf, pageQuery } from "./rest.ts";

const permissionNames = Object.keys(permissions) as [Permission, ...Permission[]];

/**
 * A credential for a customer's own server, as lists show it. `prefix` is how it begins. It works until `expiresAt` or
 * `revokedAt`, for as long as the member who made it belongs to the workspace.
 */
export const ApiKey = v.object({
  id: v.string(),
  name: v.string(),
  prefix: v.string(),
  permissions: v.array(v.string()),
  createdBy: v.object({ id: v.string(), name: v.string() }),
  createdAt: v.string(),
  expiresAt: v.nullable(v.string()),
  lastUsedAt: v.nullable(v.string()),
  revokedAt: v.nullable(v.string()),
});
export type ApiKey = v.InferOutput<typeof ApiKey>;

/** A host name of the workspace's own. Verified once its TXT record `record.name` holds `record.value`. */
export const Domain = v.object({
  id: v.string(),
  host: v.string(),
  record: v.object({ type: v.literal("TXT"), name: v.string(), value: v.string() }),
  verifiedAt: v.nullable(v.string()),
  createdAt: v.string(),
});
export type Domain = v.InferOutput<typeof Domain>;

/**
 * What was done, by whom and on whose behalf, to what. Actors are `contact`, `agent`, `system`, one of Parley's own staff
 * (`platform`) or an `api_key`; the latter two act on behalf of a member.
 */
export const AuditEvent = v.object({
  id: v.string(),
  action: v.string(),
  actor: v.object({ kind: v.string(), id: v.optional(v.string()), name: v.optional(v.string()) }),
  onBehalfOf: v.optional(v.object({ id: v.string(), name: v.optional(v.string()) })),
  targetId: v.optional(v.string()),
  before: v.optional(v.unknown()),
  after: v.optional(v.unknown()),
  requestId: v.optional(v.string()),
  address: v.optional(v.string()),
  createdAt: v.string(),
});
export type AuditEvent = v.InferOutput<typeof AuditEvent>;

/** How the name server spells a host: `Bücher.example` is `xn--bcher-kva.example`. What is no host stays as it is, to be refused. */
const asciiHost = (host: string): string =>
  /^[^\s/?#@:\\]+$/u.test(host) && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;

/** A host name as it is stored: small letters, no port, at least two labels. */
const Host = v.pipe(
  text(253, 4),
  v.transform(asciiHost),
  v.regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/u,
    "must be a host name, such as chat.example.com",
  ),
);

/** `action` is a whole one or its noun alone; `actorId` also finds what was done on that member's behalf. */
const auditFilter = {
  action: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(100),
      v.regex(/^[a-z_]+(?:\.[a-z_]+)*$/u, "must be an action, such as role.update or role"),
    ),
  ),
  actorId: v.optional(Id),
  targetId: v.optional(Id),
  requestId: v.optional(text(100, 1)),
  from: v.optional(Timestamp),
  to: v.optional(Timestamp),
};

const keyParams = v.strictObject({ apiKeyId: Id });
const domainParams = v.strictObject({ domainId: Id });

/** API keys, domains and the audit log. */
export const accessRoutes = {
  "api-key/list": route({
    summary: "List API keys, the newest first, revoked ones included",
    method: "GET",
    path: "/api-keys",
    auth: "agent",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(ApiKey),
    permission: "api_key.manage",
    limit: "read",
  }),
  "api-key/create": route({
    summary: "Create an API key; the key itself is shown this once",
    example: { body: { name: "Our CRM", permissions: ["conversation.read"], expiresAt: "2099-01-01T00:00:00.000Z" } },
    method: "POST",
    path: "/api-keys",
    auth: "person",
    body: v.strictObject({
      name: Title,
      permissions: v.pipe(v.array(v.picklist(permissionNames)), v.minLength(1), v.maxLength(permissionNames.length)),
      expiresAt: v.optional(v.nullable(Timestamp)),
    }),
    status: 201,
    response: v.object({ apiKey: ApiKey, key: v.string() }),
    permission: "api_key.manage",
    entitlement: "apiKeys",
    grantsAccess: true,
    limit: "write",
  }),
  "api-key/revoke": route({
    summary: "Revoke an API key, at once and for good",
    method: "DELETE",
    path: "/api-keys/:apiKeyId",
    auth: "person",
    params: keyParams,
    status: 204,
    response: null,
    permission: "api_key.manage",
    grantsAccess: true,
    limit: "write",
  }),
  "domain/list": route({
    summary: "List the workspace's own host names, the newest first",
    method: "GET",
    path: "/domains",
    auth: "agent",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(Domain),
    permission: "tenant.read",
    limit: "read",
  }),
  "domain/create": route({
    summary: "Claim a host name; it counts once its TXT record is verified",
    example: { body: { host: "chat.example.com" } },
    method: "POST",
    path: "/domains",
    auth: "agent",
    body: v.strictObject({ host: Host }),
    status: 201,
    response: v.object({ domain: Domain }),
    permission: "tenant.update",
    entitlement: "whiteLabel",
    grantsAccess: true,
    limit: "write",
  }),
  "domain/verify": route({
    summary: "Look for a host name's TXT record, and count the name as the workspace's own from then on",
    method: "POST",
    path: "/domains/:domainId/verify",
    auth: "agent",
    params: domainParams,
    status: 200,
    response: v.object({ domain: Domain }),
    permission: "tenant.update",
    entitlement: "whiteLabel",
    grantsAccess: true,
    limit: "write",
  }),
  "domain/delete": route({
    summary: "Remove a host name",
    method: "DELETE",
    path: "/domains/:domainId",
    auth: "agent",
    params: domainParams,
    status: 204,
    response: null,
    permission: "tenant.update",
    grantsAccess: true,
    limit: "write",
  }),
  "audit-event/list": route({
    summary: "Read the audit log, the newest first",
    example: { query: { action: "role", limit: "20" } },
    method: "GET",
    path: "/audit-events",
    auth: "agent",
    query: v.strictObject({ ...auditFilter, ...pageQuery }),
    status: 200,
    response: pageOf(AuditEvent),
    permission: "audit_event.read",
    limit: "read",
  }),
  "audit-event/export": route({
    summary: "Download the audit log, the oldest first, as CSV or as one JSON object per line",
    example: { query: { format: "jsonl" } },
    method: "GET",
    path: "/audit-events/export",
    auth: "agent",
    query: v.strictObject({ ...auditFilter, format: v.optional(v.picklist(["csv", "jsonl"])) }),
    status: 200,
    response: null,
    streams: ["text/csv", "application/x-ndjson"],
    permission: "audit_event.export",
    entitlement: "auditExport",
    limit: "write",
  }),
};
