import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { type Settings, settingsOf } from "../department/calls.ts";
import { auditOf } from "../requests.ts";

const app = useApp();
let tenant: TestTenant;
let admin: Settings;

beforeEach(async () => {
  tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  admin = await settingsOf(app(), tenant);
});

const week = [1, 2, 3, 4, 5].flatMap((weekday) => [
  { weekday, from: "09:00", to: "12:00" },
  { weekday, from: "13:00", to: "18:00" },
]);
const always = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: "00:00", to: "24:00" }));

const create = async (body: object = {}): Promise<any> =>
  (
    await admin.call("business-hours/create", {
      body: { name: "Office", timeZone: "Europe/Berlin", intervals: week, ...body },
    })
  ).businessHours;
const refusedWith = (body: object) =>
  admin.refused("business-hours/create", {
    body: { name: "Office", timeZone: "Europe/Berlin", intervals: week, ...body },
  });
const departmentWith = async (businessHoursId: string): Promise<any> =>
  (await admin.call("department/create", { body: { name: "Billing", businessHoursId } })).department;

describe("creating", () => {
  test("what was given comes back, with whether it is open and until when", async () => {
    const holidays = [
      { date: "2026-12-25", name: "Christmas Day" },
      { date: "2026-12-31", intervals: [{ from: "22:00", to: "02:00" }] },
    ];
    const made = await create({ holidays });
    expect(made).toMatchObject({ timeZone: "Europe/Berlin", intervals: week, holidays, departments: [] });
    expect(Date.parse(made.nextChangeAt)).toBeGreaterThan(Date.now());
    const { businessHours } = await admin.call("business-hours/get", { params: { businessHoursId: made.id } });
    expect(businessHours).toEqual(made);
    expect(await create({ name: "Always", intervals: always })).toMatchObject({ open: true, nextChangeAt: null });
    expect(await create({ name: "Never", intervals: [] })).toMatchObject({ open: false, nextChangeAt: null });
  });

  test("time zones are the world's: names of old and new spelling, and nothing else", async () => {
    for (const timeZone of ["Asia/Kolkata", "Asia/Calcutta", "UTC", "America/Argentina/Buenos_Aires"])
      expect(await create({ name: timeZone, timeZone })).toMatchObject({ timeZone });
    for (const timeZone of ["Mars/Olympus_Mons", "+02:00", "Europe", "", "Europe/Berlin ", "../etc/passwd", 1, null]) {
      const answer = await admin.ask("business-hours/create", { body: { name: "Odd", timeZone, intervals: [] } });
      expect([timeZone, answer.status]).toEqual([timeZone, 400]);
      expect(answer.body.error.message).toContain("body.timeZone");
    }
  });

  test("times, days and dates there are none of are refused", async () => {
    const at = (from: unknown, to: unknown = "10:00", weekday: unknown = 1) => ({ intervals: [{ weekday, from, to }] });
    for (const wrong of [
      at("24:00"),
      at("9:00"),
      at("09:60"),
      at("25:00"),
      at("09:00", "24:01"),
      at("09:00", "10:00", 0),
      at("09:00", "10:00", 8),
      at("09:00", "10:00", 1.5),
      { holidays: [{ date: "2026-02-30" }] },
      { holidays: [{ date: "2026-13-01" }] },
      { holidays: [{ date: "25.12.2026" }] },
      { holidays: [{ date: "2026-12-25" }, { date: "2026-12-25", intervals: [] }] },
      { holidays: [{ date: "2026-12-25", intervals: [{ from: "24:00", to: "24:00" }] }] },
      { intervals: Array.from({ length: 501 }, () => week[0]) },
    ])
      expect([wrong, ...(await refusedWith(wrong))]).toEqual([wrong, 400, "invalid_payload"]);
    expect((await admin.call("business-hours/list")).data).toEqual([]);
  });

  test("a name is given once", async () => {
    await create();
    expect(await refusedWith({})).toEqual([409, "conflict"]);
  });
});

describe("changing", () => {
  test("departments that keep these hours have a new policy, unless only the name changed", async () => {
    const { id } = await create({ intervals: always });
    const { id: departmentId } = await departmentWith(id);
    const change = async (body: object) => {
      await admin.call("business-hours/update", { params: { businessHoursId: id }, body });
      const { department } = await admin.call("department/get", { params: { departmentId } });
      return [department.routingVersion, department.open];
    };
    expect(await change({ name: "Others" })).toEqual([1, true]);
    expect(await change({ intervals: [] })).toEqual([2, false]);
    expect(await change({ intervals: [] })).toEqual([2, false]);
    expect((await auditOf(app(), tenant)).map(({ action }) => action)).toEqual([
      "business_hours.create",
      "department.create",
      "business_hours.update",
      "business_hours.update",
    ]);
  });

  test("to a name that is taken is a conflict, and changes nothing", async () => {
    await create();
    const { id } = await create({ name: "Nights" });
    const params = { businessHoursId: id };
    const body = { name: "Office", timeZone: "UTC" };
    expect(await admin.refused("business-hours/update", { params, body })).toEqual([409, "conflict"]);
    const { businessHours } = await admin.call("business-hours/get", { params });
    expect(businessHours).toMatchObject({ name: "Nights", timeZone: "Europe/Berlin" });
  });
});

describe("deleting", () => {
  test("hours that are kept stay, and it is said by whom", async () => {
    const { id } = await create();
    const department = await departmentWith(id);
    const params = { businessHoursId: id };
    const { businessHours } = await admin.call("business-hours/get", { params });
    expect(businessHours.departments).toEqual([{ id: department.id, name: "Billing" }]);
    const answer = await admin.ask("business-hours/delete", { params });
    expect(answer.body.error).toMatchObject({
      code: "conflict",
      details: { departments: [{ id: department.id, name: "Billing" }] },
    });
    await admin.call("department/update", { params: { departmentId: department.id }, body: { businessHoursId: null } });
    await admin.call("business-hours/delete", { params });
    expect(await admin.refused("business-hours/get", { params })).toEqual([404, "not_found"]);
  });
});

test("a list goes on where its page ended, and names everything once", async () => {
  for (const name of ["A", "B", "C"]) await create({ name });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await admin.call("business-hours/list", {
      query: `?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
    });
    seen.push(...page.data.map(({ name }: { name: string }) => name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(["A", "B", "C"]);
});

test("agents may look and change nothing", async () => {
  const { id: businessHoursId } = await create();
  const agent = await settingsOf(app(), tenant, tenant.agents[1]);
  await agent.call("business-hours/get", { params: { businessHoursId } });
  expect(await agent.refused("business-hours/delete", { params: { businessHoursId } })).toEqual([
    403,
    "permission_denied",
  ]);
});

test("another workspace's hours and such as do not exist are not found", async () => {
  const other = await settingsOf(app(), await app().tenant({ roles: ["tenant_admin"] }));
  const theirs = await other.call("business-hours/create", { body: { name: "X", timeZone: "UTC", intervals: [] } });
  for (const businessHoursId of [theirs.businessHours.id, randomUUID()])
    for (const [name, body] of [
      ["business-hours/get", undefined],
      ["business-hours/update", { name: "Mine" }],
      ["business-hours/delete", undefined],
    ] as const)
      expect(await admin.refused(name, { params: { businessHoursId }, body })).toEqual([404, "not_found"]);
});

test("more hours and holidays than anybody keeps are refused, and what was saved before goes on", async () => {
  const interval = { weekday: 1, from: "09:00", to: "10:00" };
  const holiday = (n: number) => ({ date: new Date(Date.UTC(2027, 0, 1 + n)).toISOString().slice(0, 10) });
  const holidays = Array.from({ length: 201 }, (_, n) => holiday(n));
  const often = Array.from({ length: 20 }, (_, hour) => ({
    from: `${10 + Math.floor(hour / 6)}:${hour % 6}0`,
    to: "20:00",
  }));
  const refusals = [
    [{ intervals: Array.from({ length: 141 }, () => interval) }, /intervals: must be at most 140 intervals/u],
    [{ intervals: [], holidays }, /holidays: must be at most 200 holidays/u],
    [
      { intervals: [], holidays: holidays.slice(0, 21).map((day) => ({ ...day, intervals: often })) },
      /holidays: must not have more than 400 intervals/u,
    ],
  ] as const;
  for (const [body, sentence] of refusals) {
    const wanted = { name: "Much", timeZone: "UTC", ...body };
    const answer = await admin.ask("business-hours/create", { body: wanted });
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toMatch(sentence);
  }
  const made = await create({ name: "Kept", intervals: [interval] });
  await app().superuser.query("UPDATE business_hours SET holidays = $2 WHERE id = $1", [
    made.id,
    JSON.stringify(holidays),
  ]);
  const params = { businessHoursId: made.id };
  const { businessHours } = await admin.call("business-hours/update", { params, body: { name: "Kept on" } });
  expect(businessHours).toMatchObject({ name: "Kept on", nextChangeAt: expect.any(String) });
  expect(businessHours.holidays).toHaveLength(201);
});
