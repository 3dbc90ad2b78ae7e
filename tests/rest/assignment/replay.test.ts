import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Candidate, Decision } from "../../../server/contract/routing.ts";
import { useApp } from "../../support/app.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { type Settings, settingsOf } from "../department/calls.ts";

const app = useApp();
let tenant: TestTenant;
let manager: Settings;
let amir: TestAgent;
let bea: TestAgent;
let cleo: TestAgent;

beforeEach(async () => {
  tenant = await app().tenant({ roles: ["manager", "agent", "agent", "agent"] });
  manager = await settingsOf(app(), tenant);
  const [first, second, third] = tenant.agents.slice(1).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  [amir, bea, cleo] = [first!, second!, third!];
});

const noon = Date.parse("2026-03-02T12:00:00Z");
const at = (minute: number) => new Date(noon + minute * 60_000).toISOString();
const period = { from: at(0), to: at(24 * 60) };

const candidate = (agent: TestAgent, more: Partial<Candidate> = {}): Candidate => ({
  agentId: agent.id,
  name: agent.name,
  activeCount: 0,
  capacity: 10,
  departmentCount: 0,
  lastTurn: 0,
  ...more,
});

type Past = {
  minute: number;
  agent: TestAgent;
  candidates: Candidate[];
  decision?: Partial<Decision>;
  by?: TestAgent;
  fields?: Record<string, string>;
  contactId?: string;
  offer?: "accepted" | "declined";
};

const query = (text: string, values: unknown[]) => app().superuser.query(text, values);

/** Writes one decision of the past, as routing leaves it. */
const decided = async ({ minute, agent, candidates, decision, by, fields, contactId, offer }: Past) => {
  const id = randomUUID();
  await query(
    `INSERT INTO conversations (tenant_id, id, status, department_id, contact_id, active_bucket, fields)
     VALUES ($1, $2, 'resolved', $3, $4, 0, $5)`,
    [tenant.id, id, tenant.departmentId, contactId ?? null, fields ? JSON.stringify(fields) : null],
  );
  const record = JSON.stringify({
    trigger: "conversation_queued",
    strategy: "least_loaded",
    version: 1,
    candidates,
    ...decision,
  });
  if (offer)
    await query(
      `INSERT INTO offers (tenant_id, id, conversation_id, agent_id, department_id, status, decision, offered_at, expires_at, answered_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
      [tenant.id, randomUUID(), id, agent.id, tenant.departmentId, offer, record, at(minute), at(minute + 1)],
    );
  if (offer !== "declined")
    await query(
      `INSERT INTO assignments (tenant_id, id, conversation_id, agent_id, department_id, assigned_by_id, decision, started_at, ended_at, end_reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'resolved')`,
      [
        tenant.id,
        randomUUID(),
        id,
        agent.id,
        tenant.departmentId,
        by?.id ?? null,
        record,
        at(offer ? minute + 1 : minute),
        at(minute + 5),
      ],
    );
  return id;
};

const replay = (policy: object, body: object = period): Promise<any> =>
  manager.call("routing/replay", { params: { departmentId: tenant.departmentId }, body: { ...body, policy } });
const outcomes = (answer: any) => answer.decisions.map((each: any) => [each.outcome, each.wouldBe?.id]);

describe("a replay", () => {
  test("of the very policy says that nothing would have differed", async () => {
    await decided({ minute: 1, agent: amir, candidates: [candidate(amir), candidate(bea)] });
    await decided({ minute: 2, agent: bea, candidates: [candidate(amir, { activeCount: 1 }), candidate(bea)] });
    const answer = await replay({ strategy: "least_loaded" });
    expect(outcomes(answer)).toEqual([
      ["same", amir.id],
      ["same", bea.id],
    ]);
    expect(answer.totals).toMatchObject({ decisions: 2, same: 2, other: 0, nobody: 0, byPerson: 0 });
    expect(answer.nextFrom).toBeNull();
  });

  test("of another says who had it, who would have had it, and why", async () => {
    const candidates = [
      candidate(amir, { activeCount: 2, capacity: 20 }),
      candidate(bea, { activeCount: 1, capacity: 2 }),
      candidate(cleo, { excluded: "away" }),
    ];
    const id = await decided({ minute: 1, agent: bea, candidates });
    const answer = await replay({ strategy: "spare_capacity" });
    expect(answer.decisions).toMatchObject([
      {
        kind: "assignment",
        conversationId: id,
        at: at(1),
        strategy: "least_loaded",
        had: { id: bea.id, name: bea.name },
        wouldBe: { id: amir.id, name: amir.name },
        outcome: "other",
        because: `${amir.name} had the highest share of free slots: 90 %.`,
      },
    ]);
    expect(answer.totals.agents).toEqual([
      { id: amir.id, name: amir.name, had: 0, wouldHaveHad: 1 },
      { id: bea.id, name: bea.name, had: 1, wouldHaveHad: 0 },
    ]);
  });

  test("of a round robin goes on from turn to turn, whoever got the turns in truth", async () => {
    const everyone = [candidate(amir), candidate(bea), candidate(cleo)];
    for (let minute = 1; minute <= 6; minute++) await decided({ minute, agent: amir, candidates: everyone });
    const answer = await replay({ strategy: "round_robin" });
    expect(answer.decisions.map((each: any) => each.wouldBe.id)).toEqual([
      amir.id,
      bea.id,
      cleo.id,
      amir.id,
      bea.id,
      cleo.id,
    ]);
    expect(answer.totals.agents.map((each: any) => each.wouldHaveHad)).toEqual([2, 2, 2]);
  });

  test("of skills asks for what the conversation's fields call for, and may find nobody", async () => {
    const skills = [{ skill: "french", level: 3, when: { field: "language", equals: "fr" } }];
    const able = [candidate(amir), candidate(bea, { activeCount: 3, skills: { french: 4 } })];
    await decided({ minute: 1, agent: amir, candidates: able, fields: { language: "fr" } });
    await decided({ minute: 2, agent: amir, candidates: able, fields: { language: "de" } });
    await decided({ minute: 3, agent: amir, candidates: [candidate(amir)], fields: { language: "fr" } });
    const answer = await replay({ strategy: "skills", skills });
    expect(outcomes(answer)).toEqual([
      ["other", bea.id],
      ["same", amir.id],
      ["nobody", undefined],
    ]);
    expect(answer.decisions[2].because).toBe(`It would have waited: ${amir.name} lacks a skill it needs.`);
  });

  test("of a smaller share per agent excludes those who held theirs", async () => {
    const candidates = [candidate(amir, { departmentCount: 1 }), candidate(bea, { activeCount: 5 })];
    await decided({ minute: 1, agent: amir, candidates });
    expect(outcomes(await replay({ strategy: "least_loaded", capacityPerAgent: 1 }))).toEqual([["other", bea.id]]);
  });

  test("of stickiness gives contacts back to whom they last spoke to at that time", async () => {
    const contactId = randomUUID();
    await query("INSERT INTO contacts (tenant_id, id, inbox_id, verified) VALUES ($1, $2, $3, false)", [
      tenant.id,
      contactId,
      tenant.inbox.id,
    ]);
    const candidates = [candidate(amir), candidate(bea)];
    await decided({ minute: 1, agent: bea, candidates, contactId });
    await decided({ minute: 10, agent: amir, candidates, contactId });
    const sticky = await replay({ strategy: "least_loaded", sticky: "last_agent" });
    expect(outcomes(sticky)).toEqual([
      ["other", amir.id],
      ["other", bea.id],
    ]);
    expect(sticky.decisions[1].because).toContain("would have come back");
  });

  test("leaves out those the offer had just been with, and does not count an accepted offer twice", async () => {
    const candidates = [candidate(amir, { excluded: "had_the_offer" }), candidate(bea, { activeCount: 4 })];
    await decided({ minute: 1, agent: bea, candidates, offer: "accepted" });
    await decided({ minute: 3, agent: amir, candidates: [candidate(amir)], offer: "declined" });
    const answer = await replay({ strategy: "round_robin" });
    expect(answer.decisions.map((each: any) => [each.kind, each.outcome])).toEqual([
      ["offer", "same"],
      ["offer", "same"],
    ]);
  });

  test("says which decisions were a person's, and tries no policy on these", async () => {
    await decided({
      minute: 1,
      agent: bea,
      by: amir,
      candidates: [candidate(bea)],
      decision: { trigger: "assigned", strategy: "manual" },
    });
    const answer = await replay({ strategy: "least_loaded" });
    expect(answer.decisions).toMatchObject([{ outcome: "by_person", wouldBe: null }]);
    expect(answer.decisions[0].because).toContain(`${amir.name} decided this`);
    expect(answer.totals).toMatchObject({ decisions: 1, byPerson: 1, agents: [] });
  });

  test("where agents pick by themselves has everything wait", async () => {
    await decided({ minute: 1, agent: amir, candidates: [candidate(amir)] });
    expect(outcomes(await replay({ strategy: "manual" }))).toEqual([["nobody", undefined]]);
  });

  test("takes what of the policy is not named from the department of today, and changes nothing", async () => {
    await manager.call("department/update", {
      params: { departmentId: tenant.departmentId },
      body: { capacityPerAgent: 4, sticky: "owner" },
    });
    await decided({ minute: 1, agent: amir, candidates: [candidate(amir)] });
    const all = async () => (await query("SELECT * FROM assignments WHERE tenant_id = $1", [tenant.id])).rows;
    const before = await all();
    const { policy } = await replay({ strategy: "round_robin" });
    expect(policy).toEqual({ strategy: "round_robin", sticky: "owner", capacityPerAgent: 4, skills: [] });
    expect((await replay({ strategy: "round_robin", capacityPerAgent: null })).policy.capacityPerAgent).toBeNull();
    expect(await all()).toEqual(before);
  });

  test("keeps to its period and its department", async () => {
    await decided({ minute: -1, agent: amir, candidates: [candidate(amir)] });
    await decided({ minute: 0, agent: amir, candidates: [candidate(amir)] });
    await decided({ minute: 60, agent: amir, candidates: [candidate(amir)] });
    const answer = await replay({ strategy: "manual" }, { from: at(0), to: at(60) });
    expect(answer.decisions.map((each: any) => each.at)).toEqual([at(0)]);
  });
});

test.each(["least_loaded", "round_robin", "spare_capacity", "skills"] as const)(
  "what routing really decided by %s, replayed by the same policy, is decided alike",
  async (strategy) => {
    const busy = await app().tenant({ roles: ["manager", "agent", "agent", "agent"], strategy, capacity: 40 });
    const settings = await settingsOf(app(), busy);
    const skills = [{ skill: "french", level: 2, required: false }];
    const params = { departmentId: busy.departmentId };
    await settings.call("department/update", { params, body: { skills } });
    const [, first, second] = busy.agents;
    await query("UPDATE memberships SET capacity = 7, skills = $3 WHERE tenant_id = $1 AND user_id = $2", [
      busy.id,
      second!.id,
      JSON.stringify({ french: 3 }),
    ]);
    await Promise.all([first!, second!].map((agent) => app().agent(busy, { agent })));
    const visitors = await Promise.all(Array.from({ length: 4 }, () => app().contact(busy)));
    await Promise.all(visitors.flatMap((visitor) => [1, 2, 3].map((n) => visitor.start(`question ${n}`))));
    const held = () => query("SELECT FROM assignments WHERE tenant_id = $1", [busy.id]);
    await eventually(async () => (await held()).rows.length === 12, "everything is given out");
    const body = {
      from: new Date(Date.now() - 60 * 60_000).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
      policy: { strategy },
    };
    const { totals } = await settings.call("routing/replay", { params, body });
    expect(totals).toMatchObject({ decisions: 12, same: 12 });
  },
);

test("more decisions than one replay takes go on in the next one, none twice and none left out", async () => {
  await query(
    `WITH made AS (
       INSERT INTO conversations (tenant_id, id, status, department_id, active_bucket)
       SELECT $1, gen_random_uuid(), 'resolved', $2, 0 FROM generate_series(1, 1210) RETURNING id
     )
     INSERT INTO assignments (tenant_id, id, conversation_id, agent_id, department_id, decision, started_at, ended_at, end_reason)
     SELECT $1, gen_random_uuid(), id, $3, $2, $4, $5::timestamptz + (row_number() OVER () / 7) * interval '1 second', now(), 'resolved'
     FROM made`,
    [
      tenant.id,
      tenant.departmentId,
      amir.id,
      JSON.stringify({ trigger: "conversation_queued", strategy: "least_loaded", candidates: [candidate(amir)] }),
      at(1),
    ],
  );
  const first = await replay({ strategy: "least_loaded" });
  expect(first.decisions.length).toBeLessThanOrEqual(1_000);
  expect(first.totals.decisions).toBe(first.decisions.length);
  const second = await replay({ strategy: "least_loaded" }, { from: first.nextFrom, to: period.to });
  expect(second.nextFrom).toBeNull();
  const ids = [...first.decisions, ...second.decisions].map((each: any) => each.id);
  expect([ids.length, new Set(ids).size]).toEqual([1_210, 1_210]);
});

test("a period that is none, or longer than a replay takes, is refused with the limit", async () => {
  const params = { departmentId: tenant.departmentId };
  for (const [from, to] of [
    [at(1), at(1)],
    [at(2), at(1)],
    [at(0), at(31 * 24 * 60 + 1)],
    ["yesterday", at(1)],
    ["2026-02-30T00:00:00Z", "2026-02-31T00:00:00Z"],
  ]) {
    const body = { from, to, policy: { strategy: "round_robin" } };
    expect([from, to, ...(await manager.refused("routing/replay", { params, body }))]).toEqual([
      from,
      to,
      400,
      "invalid_payload",
    ]);
  }
  await replay({ strategy: "round_robin" }, { from: at(0), to: at(31 * 24 * 60) });
});

test("a policy that is none is refused, and so is whoever may not try one", async () => {
  const params = { departmentId: tenant.departmentId };
  for (const policy of [
    {},
    { strategy: "loudest" },
    { strategy: "skills", skills: [{ skill: "" }] },
    { sticky: "none" },
  ])
    expect(await manager.refused("routing/replay", { params, body: { ...period, policy } })).toEqual([
      400,
      "invalid_payload",
    ]);
  const agent = await settingsOf(app(), tenant, amir);
  const body = { ...period, policy: { strategy: "round_robin" } };
  expect(await agent.refused("routing/replay", { params, body })).toEqual([403, "permission_denied"]);
  const other = await app().tenant();
  for (const departmentId of [other.departmentId, randomUUID()])
    expect(await manager.refused("routing/replay", { params: { departmentId }, body })).toEqual([404, "not_found"]);
});
