import * as v from "valibot";
import { route } from "./define.ts";
import { Id } from "./entities.ts";
import { Title, Origin, pageOf, pageQuery, queryFlag } from "./rest.ts";

/**
 * An entry point for contacts. `key` is what the page embeds and is no secret. `identitySecrets` are told apart by `id`;
 * the secrets themselves are shown once, when they are made. `archived`: its key opens nothing any more, its conversations stay.
 */
export const Inbox = v.object({
  id: v.string(),
  name: v.string(),
  key: v.string(),
  channel: v.picklist(["widget", "email", "api"]),
  allowedOrigins: v.array(v.string()),
  departmentId: v.nullable(v.string()),
  identitySecrets: v.array(v.object({ id: v.string() })),
  archived: v.boolean(),
  createdAt: v.string(),
});
export type Inbox = v.InferOutput<typeof Inbox>;

/** What a customer's backend signs identity tokens with. Never shown again. */
const NewSecret = v.object({ id: v.string(), secret: v.string() });

const InboxParams = v.strictObject({ inboxId: Id });
const SecretParams = v.strictObject({
  inboxId: Id,
  secretId: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/u, "must be 12 hexadecimal digits")),
});
const Origins = v.pipe(v.array(Origin), v.maxLength(100, "must be at most 100 origins"));
const one = v.object({ inbox: Inbox });

/** Inboxes: where contacts come in, from which pages, and to whom. */
export const inboxRoutes = {
  "inbox/list": route({
    summary: "List inboxes, the oldest first; the archived ones with `archived=true`",
    method: "GET",
    path: "/inboxes",
    auth: "agent",
    query: v.strictObject({ archived: v.optional(queryFlag), ...pageQuery }),
    status: 200,
    response: pageOf(Inbox),
    permission: "inbox.read",
    limit: "read",
  }),
  "inbox/create": route({
    summary: "Create an inbox; its key and its first identity secret, shown here only, are made by us",
    example: { body: { name: "Shop", allowedOrigins: ["https://shop.example"] } },
    method: "POST",
    path: "/inboxes",
    auth: "agent",
    body: v.strictObject({
      name: Title,
      allowedOrigins: v.optional(Origins),
      departmentId: v.optional(v.nullable(Id)),
    }),
    status: 201,
    response: v.object({ inbox: Inbox, identitySecret: NewSecret }),
    permission: "inbox.manage",
    errors: ["not_found", "limit_exceeded"],
    grantsAccess: true,
    limit: "write",
  }),
  "inbox/get": route({
    summary: "Read an inbox",
    method: "GET",
    path: "/inboxes/:inboxId",
    auth: "agent",
    params: InboxParams,
    status: 200,
    response: one,
    permission: "inbox.read",
    limit: "read",
  }),
  "inbox/update": route({
    summary: "Change an inbox; `allowedOrigins` replaces the list and is in force within seconds",
    example: { body: { name: "Shop and blog", allowedOrigins: ["https://shop.example", "https://blog.example:8443"] } },
    method: "PATCH",
    path: "/inboxes/:inboxId",
    auth: "agent",
    params: InboxParams,
    body: v.strictObject({
      name: v.optional(Title),
      allowedOrigins: v.optional(Origins),
      departmentId: v.optional(v.nullable(Id)),
    }),
    status: 200,
    response: one,
    permission: "inbox.manage",
    errors: ["conflict"],
    grantsAccess: ["allowedOrigins"],
    limit: "write",
  }),
  "inbox/delete": route({
    summary: "Delete an inbox nobody ever wrote to; any other is archived, and its conversations stay",
    method: "DELETE",
    path: "/inboxes/:inboxId",
    auth: "agent",
    params: InboxParams,
    status: 204,
    response: null,
    permission: "inbox.manage",
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "inbox/restore": route({
    summary: "Bring an archived inbox back: pages that still hold its key can be talked from again",
    example: { body: {} },
    method: "POST",
    path: "/inboxes/:inboxId/restore",
    auth: "agent",
    params: InboxParams,
    body: v.strictObject({}),
    status: 200,
    response: one,
    permission: "inbox.manage",
    errors: ["limit_exceeded"],
    grantsAccess: true,
    limit: "write",
  }),
  "inbox/add-identity-secret": route({
    summary: "Make a second identity secret, shown here only: both count until the old one is removed",
    example: { body: {} },
    method: "POST",
    path: "/inboxes/:inboxId/identity-secrets",
    auth: "person",
    params: InboxParams,
    body: v.strictObject({}),
    status: 201,
    response: v.object({ inbox: Inbox, identitySecret: NewSecret }),
    permission: "inbox.manage",
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "inbox/remove-identity-secret": route({
    summary: "Remove an identity secret: what is signed with it no longer counts, within seconds",
    method: "DELETE",
    path: "/inboxes/:inboxId/identity-secrets/:secretId",
    auth: "person",
    params: SecretParams,
    status: 204,
    response: null,
    permission: "inbox.manage",
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
};
