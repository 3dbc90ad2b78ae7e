import { setImmediate as nextTurn } from "node:timers/promises";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { departments } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { type Replay, type ReplayedDecision, replayLimits } from "../../contract/assignment-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Candidate, Decision, SkillRule, Stickiness, Strategy } from "../../contract/routing.ts";
import { sayExclusions, sentence } from "../assignment/words.ts";
import { ensureInSight, noDepartment } from "../department/access.ts";
import { pick, type Picked, type Policy } from "./pick.ts";

type Wanted = {
  departmentId: string;
  from: string;
  to: string;
  policy: {
    strategy: Strategy;
    sticky?: Stickiness | undefined;
    capacityPerAgent?: number | null | undefined;
    skills?: SkillRule[] | undefined;
  };
};

type Named = { id: string; name: string };
type Past = {
  kind: "assignment" | "offer";
  id: string;
  conversationId: string;
  at: string;
  had: Named;
  by: string | null;
  decision: Decision;
  fields: Record<string, string> | null;
  stickyAgentId: string | null;
};

const dayMs = 24 * 60 * 60_000;
// So many choices are made before others get their turn.
const atOnce = 50;

/** The period, if a replay takes one that long. Throws Refusal. */
const checkPeriod = ({ from, to }: Wanted): [from: Date, to: Date] => {
  const [start, end] = [new Date(from), new Date(to)];
  if (start >= end) throw new Refusal("invalid_payload", "body.to: must be later than from");
  if (end.getTime() - start.getTime() > replayLimits.days * dayMs)
    throw new Refusal("invalid_payload", `body.to: a replay takes at most ${replayLimits.days} days at once`, {
      ...replayLimits,
    });
  return [start, end];
};

/** SQL over a past decision `r` and its conversation `c`: whom the contact would have come back to at that time. */
const stickyAgent: Record<Stickiness, SQL> = {
  none: sql`NULL::uuid`,
  last_agent: sql`(
    SELECT a.agent_id FROM conversations k
    JOIN assignments a ON a.tenant_id = k.tenant_id AND a.conversation_id = k.id
    WHERE k.tenant_id = c.tenant_id AND k.contact_id = c.contact_id AND a.started_at < r.at
      AND (a.ended_at IS NULL OR a.ended_at > r.at OR a.end_reason NOT IN ('unassigned', 'transferred'))
    ORDER BY a.started_at DESC, a.id DESC LIMIT 1)`,
  owner: sql`(SELECT k.owner_id FROM contacts k WHERE k.tenant_id = c.tenant_id AND k.id = c.contact_id)`,
};

/** The department's decisions of a period, in their order. An offer that was accepted is one, not two with what came of it. */
const selectDecisions = async (
  db: Db,
  tenantId: string,
  departmentId: string,
  [from, to]: [Date, Date],
  sticky: Stickiness,
): Promise<Past[]> => {
  const within = (column: SQL) =>
    sql`${column} >= ${from.toISOString()}::timestamptz AND ${column} < ${to.toISOString()}::timestamptz`;
  const { rows } = await db.execute<Past>(sql`
    SELECT r.kind, r.id, r.conversation_id AS "conversationId", wire_time(r.at) AS at,
      json_build_object('id', u.id, 'name', u.name) AS had, b.name AS by, r.decision, c.fields,
      ${stickyAgent[sticky]} AS "stickyAgentId"
    FROM (
      SELECT 'assignment' AS kind, a.id, a.conversation_id, a.agent_id, a.assigned_by_id, a.started_at AS at, a.decision
      FROM (
        -- The index is by the end: what began since then runs still or has ended since then.
        SELECT * FROM assignments WHERE tenant_id = ${tenantId} AND department_id = ${departmentId} AND ended_at IS NULL
        UNION ALL
        SELECT * FROM assignments
        WHERE tenant_id = ${tenantId} AND department_id = ${departmentId} AND ended_at >= ${from.toISOString()}::timestamptz
      ) a
      WHERE ${within(sql`a.started_at`)}
        AND NOT EXISTS (
          SELECT FROM offers o
          WHERE o.tenant_id = a.tenant_id AND o.conversation_id = a.conversation_id AND o.agent_id = a.agent_id
            AND o.status = 'accepted' AND o.offered_at <= a.started_at AND NOT EXISTS (
              SELECT FROM assignments e
              WHERE e.tenant_id = a.tenant_id AND e.conversation_id = a.conversation_id AND e.agent_id = a.agent_id
                AND e.started_at >= o.offered_at AND e.started_at < a.started_at))
      UNION ALL
      SELECT 'offer', o.id, o.conversation_id, o.agent_id, NULL, o.offered_at, o.decision
      FROM offers o
      WHERE o.tenant_id = ${tenantId} AND o.department_id = ${departmentId} AND ${within(sql`o.offered_at`)}
    ) r
    JOIN conversations c ON c.tenant_id = ${tenantId} AND c.id = r.conversation_id
    JOIN users u ON u.id = r.agent_id
    LEFT JOIN users b ON b.id = r.assigned_by_id
    ORDER BY r.at, r.id LIMIT ${replayLimits.decisions + 1}`);
  return rows;
};

/** As many as one replay takes, and where the next one goes on. What was decided in one moment stays together. */
const cut = (rows: Past[]): { past: Past[]; nextFrom: string | null } => {
  const next = rows[replayLimits.decisions];
  if (!next) return { past: rows, nextFrom: null };
  const past = rows.filter(({ at }) => at < next.at);
  return past.length > 0 ? { past, nextFrom: next.at } : { past: rows, nextFrom: null };
};

/** What decided for somebody, by the strategy that chose them. */
const sayChoice = ({ strategy, candidates, agentId }: Picked): string => {
  const { name = "They", activeCount, capacity, score } = candidates.find((each) => each.agentId === agentId)!;
  switch (strategy) {
    case "sticky":
      return `The contact would have come back to ${name}.`;
    case "round_robin":
      return `It was the turn of ${name}.`;
    case "spare_capacity":
      return `${name} had the highest share of free slots: ${Math.round((score ?? 0) * 100)} %.`;
    case "skills":
      return `${name} met the skills best, and held ${activeCount} of ${capacity}.`;
    default:
      return `${name} held the fewest conversations: ${activeCount} of ${capacity}.`;
  }
};

type Verdict = Pick<ReplayedDecision, "wouldBe" | "outcome" | "because">;

const judge = (past: Past, policy: Policy, turns: Map<string, number>): Verdict => {
  const { decision, had, by } = past;
  if (decision.strategy === "manual" || by !== null)
    return {
      wouldBe: null,
      outcome: "by_person",
      because: `${by ?? had.name} decided this, and no policy decides for a person.`,
    };
  if (decision.trigger === "reopened" && decision.strategy === "sticky")
    return {
      wouldBe: had,
      outcome: "same",
      because: `Reopened, it went back to ${had.name}, who had it before: so it does under every policy.`,
    };
  const candidates = decision.candidates.map((candidate): Candidate => {
    const lastTurn = turns.get(candidate.agentId) ?? candidate.lastTurn;
    return { ...candidate, ...(lastTurn !== undefined && { lastTurn }) };
  });
  const passed = candidates.filter(({ excluded }) => excluded === "had_the_offer").map(({ agentId }) => [agentId, 1]);
  const picked = pick(policy, candidates, {
    fields: past.fields,
    stickyAgentId: past.stickyAgentId,
    had: Object.fromEntries(passed) as Record<string, number>,
    resting: true,
  });
  const chosen = picked.candidates.find(({ agentId }) => agentId === picked.agentId);
  if (!chosen) {
    const because =
      policy.strategy === "manual"
        ? "It would have waited until an agent picked it."
        : sentence(`it would have waited: ${sayExclusions(picked.candidates)}`);
    return { wouldBe: null, outcome: "nobody", because };
  }
  // Turns go on from choice to choice as they would have, whoever got their turn in truth.
  if (policy.strategy === "round_robin") {
    const latest = Math.max(0, ...candidates.map(({ lastTurn }) => lastTurn ?? 0), ...turns.values());
    turns.set(chosen.agentId, latest + 1);
  }
  return {
    wouldBe: { id: chosen.agentId, name: chosen.name ?? "" },
    outcome: chosen.agentId === had.id ? "same" : "other",
    because: sayChoice(picked),
  };
};

const countAgents = (decisions: ReplayedDecision[]): Replay["totals"]["agents"] => {
  const agents = new Map<string, Replay["totals"]["agents"][number]>();
  const count = (agent: Named | null, what: "had" | "wouldHaveHad") => {
    if (!agent) return;
    const known = agents.get(agent.id) ?? { ...agent, had: 0, wouldHaveHad: 0 };
    known[what] += 1;
    agents.set(agent.id, known);
  };
  for (const { outcome, had, wouldBe } of decisions) {
    if (outcome === "by_person") continue;
    count(had, "had");
    count(wouldBe, "wouldHaveHad");
  }
  return [...agents.values()].toSorted((a, b) => b.wouldHaveHad - a.wouldHaveHad || (a.id < b.id ? -1 : 1));
};

const countOutcomes = (decisions: ReplayedDecision[]): Replay["totals"] => {
  const of = (wanted: ReplayedDecision["outcome"]) => decisions.filter(({ outcome }) => outcome === wanted).length;
  return {
    decisions: decisions.length,
    same: of("same"),
    other: of("other"),
    nobody: of("nobody"),
    byPerson: of("by_person"),
    agents: countAgents(decisions),
  };
};

/**
 * What another policy would have decided of a department's past, which stays as it is. Each decision is made again by itself,
 * on those who were there and what they held at that moment; only the turns of a round robin go on from one to the next.
 * What of the policy is not named is the department's own of today. Throws Refusal `not_found`, also for a department
 * whose conversations the actor does not see, or `invalid_payload` for
 * a period that is none or too long; `nextFrom` says where to go on when there were more decisions than one replay takes.
 */
export const replayRouting = async (ctx: AgentCtx, wanted: Wanted): Promise<Replay> => {
  const period = checkPeriod(wanted);
  const { departmentId } = wanted;
  const { rows, policy } = await ctx.node.tenancy.readTenant(ctx.tenant.id, "agent", async (db) => {
    await ensureInSight(ctx, db, departmentId);
    const [department] = await db
      .select()
      .from(departments)
      .where(and(eq(departments.tenantId, ctx.tenant.id), eq(departments.id, departmentId)));
    if (!department) throw noDepartment();
    const tried = {
      strategy: wanted.policy.strategy,
      sticky: wanted.policy.sticky ?? (department.sticky as Stickiness),
      capacityPerAgent:
        wanted.policy.capacityPerAgent === undefined ? department.capacityPerAgent : wanted.policy.capacityPerAgent,
      skills: wanted.policy.skills ?? department.skills,
    };
    return { policy: tried, rows: await selectDecisions(db, ctx.tenant.id, departmentId, period, tried.sticky) };
  });
  const { past, nextFrom } = cut(rows);
  const turns = new Map<string, number>();
  const decisions: ReplayedDecision[] = [];
  for (const one of past) {
    const { kind, id, conversationId, at, had, decision } = one;
    const { trigger, strategy, version = null } = decision;
    decisions.push({ id, kind, conversationId, at, trigger, strategy, version, had, ...judge(one, policy, turns) });
    if (decisions.length % atOnce === 0) await nextTurn();
  }
  const [from, to] = period.map((time) => time.toISOString()) as [string, string];
  return { from, to, policy, decisions, totals: countOutcomes(decisions), nextFrom };
};
