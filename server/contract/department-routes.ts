import * as v from "valibot";
import { route } from "./define.ts";
import { Id } from "./entities.ts";
import { Name, pageOf, pageQuery, queryFlag } from "./rest.ts";
import { OfflineBehaviour, SkillRule, Stickiness, Strategy } from "./routing.ts";

const between = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const Skills = v.pipe(v.array(SkillRule), v.maxLength(50, "must be at most 50 skills"));
const MemberIds = v.pipe(v.array(Id), v.maxLength(1_000, "must be at most 1000 members at once"));

/** What of a policy a replay may try: that which decides who of those there gets a conversation. */
export const choiceFields = {
  strategy: Strategy,
  sticky: v.optional(Stickiness),
  capacityPerAgent: v.optional(v.nullable(between(1, 10_000))),
  skills: v.optional(Skills),
};

const changes = {
  position: v.optional(between(0, 1_000_000)),
  ...choiceFields,
  strategy: v.optional(Strategy),
  /** With it an agent must accept within so many seconds; null: conversations are given without asking. */
  offerSeconds: v.optional(v.nullable(between(1, 3_600))),
  /** Null: always open. */
  businessHoursId: v.optional(v.nullable(Id)),
  offlineBehaviour: v.optional(OfflineBehaviour),
  fallbackDepartmentId: v.optional(v.nullable(Id)),
  /** After so many seconds in the queue the fallback gets it: 300 unless said otherwise. Null: not by waiting. */
  fallbackAfterSeconds: v.optional(v.nullable(between(1, 604_800))),
  /** Who belongs to it, as a whole. */
  memberIds: v.optional(MemberIds),
};

/**
 * A group of agents that conversations are routed to, and how. `position`: an agent of several departments is given the
 * conversations of the lowest first. `routingVersion` grows with every change of policy or members; decisions name it.
 * `open`: at this moment, by its business hours. `archivedAt`: it takes no more conversations, those it had stay.
 */
export const Department = v.object({
  id: v.string(),
  name: v.string(),
  position: v.number(),
  strategy: Strategy,
  sticky: Stickiness,
  capacityPerAgent: v.nullable(v.number()),
  offerSeconds: v.nullable(v.number()),
  skills: v.array(SkillRule),
  businessHoursId: v.nullable(v.string()),
  open: v.boolean(),
  offlineBehaviour: OfflineBehaviour,
  fallbackDepartmentId: v.nullable(v.string()),
  fallbackAfterSeconds: v.nullable(v.number()),
  routingVersion: v.number(),
  members: v.array(v.object({ id: v.string(), name: v.string() })),
  createdAt: v.string(),
  archivedAt: v.nullable(v.string()),
});
export type Department = v.InferOutput<typeof Department>;

const DepartmentParams = v.strictObject({ departmentId: Id });
const MemberParams = v.strictObject({ departmentId: Id, agentId: Id });
const one = v.object({ department: Department });

/** Departments: who belongs to them, and how they share out conversations. */
export const departmentRoutes = {
  "department/list": route({
    summary: "List departments, by position; the archived ones with `archived=true`",
    method: "GET",
    path: "/departments",
    auth: "agent",
    query: v.strictObject({ archived: v.optional(queryFlag), ...pageQuery }),
    status: 200,
    response: pageOf(Department),
    permission: "department.read",
    limit: "read",
  }),
  "department/create": route({
    summary: "Create a department with its members and its policy",
    example: {
      body: {
        name: "Billing",
        strategy: "skills",
        sticky: "last_agent",
        capacityPerAgent: 5,
        offerSeconds: 20,
        skills: [
          { skill: "invoices", level: 2 },
          { skill: "french", level: 3, required: false, when: { field: "language", equals: "fr" } },
        ],
      },
    },
    method: "POST",
    path: "/departments",
    auth: "agent",
    body: v.strictObject({ name: Name, ...changes }),
    status: 201,
    response: one,
    permission: "department.manage",
    errors: ["not_found", "conflict", "limit_exceeded"],
    grantsAccess: ["memberIds"],
    limit: "write",
  }),
  "department/get": route({
    summary: "Read a department",
    method: "GET",
    path: "/departments/:departmentId",
    auth: "agent",
    params: DepartmentParams,
    status: 200,
    response: one,
    permission: "department.read",
    limit: "read",
  }),
  "department/update": route({
    summary:
      "Change a department, its policy or its members; what waits in its queue is routed by the new policy at once",
    example: { body: { strategy: "round_robin", offlineBehaviour: "form" } },
    method: "PATCH",
    path: "/departments/:departmentId",
    auth: "agent",
    params: DepartmentParams,
    body: v.strictObject({ name: v.optional(Name), ...changes }),
    status: 200,
    response: one,
    permission: "department.manage",
    errors: ["conflict", "limit_exceeded"],
    grantsAccess: ["memberIds"],
    limit: "write",
  }),
  "department/delete": route({
    summary: "Delete a department; one that ever had a conversation is archived, so that its history stays",
    method: "DELETE",
    path: "/departments/:departmentId",
    auth: "agent",
    params: DepartmentParams,
    status: 204,
    response: null,
    permission: "department.manage",
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "department/restore": route({
    summary: "Bring an archived department back, under its old name where that is free",
    example: { body: {} },
    method: "POST",
    path: "/departments/:departmentId/restore",
    auth: "agent",
    params: DepartmentParams,
    body: v.strictObject({}),
    status: 200,
    response: one,
    permission: "department.manage",
    errors: ["limit_exceeded"],
    limit: "write",
  }),
  "department/add-member": route({
    summary: "Put an agent into a department",
    method: "PUT",
    path: "/departments/:departmentId/members/:agentId",
    auth: "agent",
    params: MemberParams,
    status: 200,
    response: one,
    permission: "department.manage",
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "department/remove-member": route({
    summary: "Take an agent out of a department; what they hold stays theirs",
    method: "DELETE",
    path: "/departments/:departmentId/members/:agentId",
    auth: "agent",
    params: MemberParams,
    status: 204,
    response: null,
    permission: "department.manage",
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
};
