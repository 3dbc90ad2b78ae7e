import * as v from "valibot";
import { route } from "./define.ts";
import { text } from "./entities.ts";
import { tenantPermissions } from "./permissions.ts";
import { Name, pageOf, pageQuery } from "./rest.ts";

/** A role's short name: it stays when the role is renamed. */
export const RoleKey = v.pipe(v.string(), v.regex(/^[a-z0-9_]{1,60}$/u, "must be lowercase letters, digits and _"));

const Description = v.nullable(text(300));
/** What a role of a workspace may hold; each once. */
const Permissions = v.pipe(
  v.array(v.picklist(tenantPermissions)),
  v.maxLength(200),
  v.transform((list) => tenantPermissions.filter((one) => list.includes(one))),
);

/** A named set of permissions, and how many members hold it. `builtIn`: it can't be changed. */
export const MemberRole = v.object({
  key: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  builtIn: v.boolean(),
  permissions: v.array(v.string()),
  members: v.number(),
  createdAt: v.string(),
});
export type MemberRole = v.InferOutput<typeof MemberRole>;

export const PermissionInfo = v.object({ key: v.string(), description: v.string() });
export type PermissionInfo = v.InferOutput<typeof PermissionInfo>;

const RoleParams = v.strictObject({ roleKey: RoleKey });
const one = v.object({ role: MemberRole });

/** Roles, and the permissions they are made of. */
export const roleRoutes = {
  "permission/list": route({
    summary: "List every permission a role can hold, with what it allows",
    method: "GET",
    path: "/permissions",
    auth: "agent",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(PermissionInfo),
    limit: "read",
  }),
  "role/list": route({
    summary: "List roles, the built-in ones first",
    method: "GET",
    path: "/roles",
    auth: "agent",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(MemberRole),
    permission: "role.read",
    limit: "read",
  }),
  "role/get": route({
    summary: "Get a role",
    method: "GET",
    path: "/roles/:roleKey",
    auth: "agent",
    params: RoleParams,
    status: 200,
    response: one,
    permission: "role.read",
    limit: "read",
  }),
  "role/create": route({
    summary: "Create a role out of permissions one holds. Its key is made from its name",
    example: {
      body: {
        name: "Night shift",
        description: "Answers at night and sees everything",
        permissions: ["conversation.read", "conversation.read_all", "message.send"],
      },
    },
    method: "POST",
    path: "/roles",
    auth: "agent",
    body: v.strictObject({ name: Name, description: v.optional(Description), permissions: Permissions }),
    status: 201,
    response: one,
    errors: ["conflict"],
    permission: "role.manage",
    entitlement: "customRoles",
    grantsAccess: true,
    limit: "write",
  }),
  "role/update": route({
    summary: "Change a role; it applies to whoever has it at once. The built-in ones stay as they are",
    example: { body: { name: "Late shift", permissions: ["conversation.read", "message.send"] } },
    method: "PATCH",
    path: "/roles/:roleKey",
    auth: "agent",
    params: RoleParams,
    body: v.strictObject({
      name: v.optional(Name),
      description: v.optional(Description),
      permissions: v.optional(Permissions),
    }),
    status: 200,
    response: one,
    errors: ["conflict"],
    permission: "role.manage",
    entitlement: "customRoles",
    grantsAccess: true,
    limit: "write",
  }),
  "role/delete": route({
    summary: "Delete a role that nobody holds and nobody is invited to",
    method: "DELETE",
    path: "/roles/:roleKey",
    auth: "agent",
    params: RoleParams,
    status: 204,
    response: null,
    errors: ["conflict"],
    permission: "role.manage",
    grantsAccess: true,
    limit: "write",
  }),
};
