import * as v from "valibot";
import { route } from "./define.ts";
import { Availability, Id, label, text } from "./entities.ts";
import { pageOf, pageQuery } from "./rest.ts";
import { RoleKey } from "./role-routes.ts";

const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const mostSkills = 50;
const skillCharacters = 50;

const Levels = v.record(label(skillCharacters), whole(1, 5));

// A record takes a list too, as an object whose keys are places.
const noList = v.pipe(
  v.custom<unknown>((value) => !Array.isArray(value), "must be an object"),
  v.transform(() => ({})),
);

/** What an agent is good at: a skill's name to its level, 1 to 5. */
export const Skills = v.pipe(
  v.intersect([Levels, noList]),
  v.check((skills) => Object.keys(skills).length <= mostSkills, `must be at most ${mostSkills} skills`),
);

/** Ids of departments, each counted once. */
export const DepartmentIds = v.pipe(
  v.array(Id),
  v.maxLength(100, "must be at most 100 departments"),
  v.transform((ids) => [...new Set(ids)]),
);

export const memberStatuses = ["active", "deactivated"] as const;

/**
 * A member of the workspace. `capacity`: how many open conversations routing may give them; `activeCount`: how many they
 * hold, offers among them.
 */
export const Agent = v.object({
  id: v.string(),
  name: v.string(),
  email: v.string(),
  role: v.string(),
  roleName: v.string(),
  status: v.picklist(memberStatuses),
  availability: Availability,
  capacity: v.number(),
  activeCount: v.number(),
  skills: v.record(v.string(), v.number()),
  departments: v.array(v.object({ id: v.string(), name: v.string() })),
  createdAt: v.string(),
  deactivatedAt: v.nullable(v.string()),
});
export type Agent = v.InferOutput<typeof Agent>;

const AgentParams = v.strictObject({ agentId: Id });
const one = v.object({ agent: Agent });

/** The members of a workspace. */
export const agentRoutes = {
  "agent/list": route({
    summary: "List members by name; `search` looks into names and e-mail addresses",
    example: { query: { status: "active" } },
    method: "GET",
    path: "/agents",
    auth: "agent",
    query: v.strictObject({
      status: v.optional(v.picklist(memberStatuses)),
      role: v.optional(RoleKey),
      departmentId: v.optional(Id),
      search: v.optional(text(100, 1)),
      ...pageQuery,
    }),
    status: 200,
    response: pageOf(Agent),
    permission: "agent.read",
    limit: "read",
  }),
  "agent/get": route({
    summary: "Get a member",
    method: "GET",
    path: "/agents/:agentId",
    auth: "agent",
    params: AgentParams,
    status: 200,
    response: one,
    permission: "agent.read",
    limit: "read",
  }),
  "agent/update": route({
    summary: "Change a member's role, capacity, skills or departments. What is left out stays",
    example: { body: { role: "agent", capacity: 5, skills: { french: 4 } } },
    method: "PATCH",
    path: "/agents/:agentId",
    auth: "agent",
    params: AgentParams,
    body: v.strictObject({
      role: v.optional(RoleKey),
      capacity: v.optional(whole(0, 10_000)),
      skills: v.optional(Skills),
      /** The departments they belong to, as a whole. */
      departmentIds: v.optional(DepartmentIds),
    }),
    status: 200,
    response: one,
    errors: ["conflict", "limit_exceeded"],
    permission: "agent.update",
    grantsAccess: ["role", "departmentIds"],
    limit: "write",
  }),
  "agent/deactivate": route({
    summary:
      "Deactivate a member: their sessions and API keys end, and the conversations they hold go back to the queue",
    method: "POST",
    path: "/agents/:agentId/deactivate",
    auth: "agent",
    params: AgentParams,
    status: 200,
    response: one,
    errors: ["conflict"],
    permission: "agent.deactivate",
    grantsAccess: true,
    limit: "write",
  }),
  "agent/reactivate": route({
    summary: "Bring a deactivated member back",
    method: "POST",
    path: "/agents/:agentId/reactivate",
    auth: "agent",
    params: AgentParams,
    status: 200,
    response: one,
    errors: ["conflict", "limit_exceeded"],
    permission: "agent.deactivate",
    grantsAccess: true,
    limit: "write",
  }),
};
