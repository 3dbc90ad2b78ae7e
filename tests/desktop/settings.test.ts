import { describe, expect, test } from "vitest";
import { builtInRoles, tenantPermissions } from "../../server/contract/permissions.ts";
import { addressOf, RestError } from "../../agent-desktop/session/rest.ts";
import { passwordProblem } from "../../agent-desktop/session/new-password.tsx";
import { slugOf } from "../../agent-desktop/session/slug.ts";
import { deviceText } from "../../agent-desktop/settings/account/device-text.ts";
import { dayBounds, whoOf } from "../../agent-desktop/settings/audit/words.ts";
import { changesOf, policyOf, type Department } from "../../agent-desktop/settings/departments/policy.ts";
import { isOverMidnight, nextStretch, stretchesOf, weekdayName } from "../../agent-desktop/settings/hours/week.ts";
import { embedLine } from "../../agent-desktop/settings/inboxes/embed-line.ts";
import { obstacleOf, type Me } from "../../agent-desktop/settings/own.ts";
import { lines, namingEntry } from "../../agent-desktop/settings/parts/fields.ts";
import { skillsOf } from "../../agent-desktop/settings/people/skills-field.tsx";
import { shareOf, usedText } from "../../agent-desktop/settings/plan/words.ts";
import { groupPermissions } from "../../agent-desktop/settings/roles/groups.ts";
import { at, ben, me } from "./samples.ts";

const someone = (change: Partial<Me> = {}): Me => ({
  user: {
    id: me,
    name: "Ada",
    email: "ada@acme.test",
    emailConfirmed: true,
    secondFactor: false,
    recoveryCodesLeft: 0,
  },
  tenant: { id: "t", name: "Acme", slug: "acme", kind: "customer", plan: "basic" },
  tenants: [],
  role: "tenant_admin",
  roleName: "Admin",
  permissions: [],
  departments: [],
  ...change,
});

describe("what is greyed out", () => {
  const admin = { held: builtInRoles.tenant_admin, me: someone() };

  test("is what the role lacks, with the permission's own sentence", () => {
    expect(obstacleOf("invitation/create", { held: builtInRoles.agent, me: null })).toBe(
      "Your role doesn't include: Invite people and revoke invitations",
    );
    expect(obstacleOf("invitation/create", admin)).toBeNull();
  });

  test("is what the plan lacks, with the smallest plan that has it", () => {
    expect(obstacleOf("role/create", admin)).toBe("Your plan doesn't include custom roles: Pro does");
    const pro = someone({ tenant: { ...someone().tenant, plan: "pro" } });
    expect(obstacleOf("role/create", { ...admin, me: pro })).toBeNull();
  });

  test("is every change for who only looks, and the person's own affairs for who acts for them", () => {
    const via = { kind: "platform", id: ben, name: "Root" } as const;
    const looking = { held: builtInRoles.tenant_admin, me: someone({ via, readOnly: true }) };
    expect(obstacleOf("department/update", looking)).toBe("You can only look here");
    expect(obstacleOf("department/list", looking)).toBeNull();
    const acting = { ...looking, me: someone({ via }) };
    expect(obstacleOf("auth/password/change", acting)).toBe("Only the person themselves can do this");
    expect(obstacleOf("department/update", acting)).toBeNull();
  });

  test("every permission a role can hold stands under one heading, once", () => {
    const grouped = groupPermissions(tenantPermissions).flatMap(({ permissions }) => permissions);
    expect(grouped.toSorted()).toEqual([...tenantPermissions].toSorted());
  });
});

describe("a route's address", () => {
  test("has its ids and its query in it, and nothing that was left out", () => {
    expect(addressOf("department/update", { params: { departmentId: "a/b" }, body: {} })).toBe(
      "/api/v1/departments/a%2Fb",
    );
    expect(addressOf("agent/list", { query: { search: "ö & c", status: undefined } })).toBe(
      "/api/v1/agents?search=%C3%B6+%26+c",
    );
  });
});

describe("a department's form", () => {
  const department: Department = {
    id: "d1",
    name: "Support",
    position: 0,
    strategy: "least_loaded",
    sticky: "none",
    capacityPerAgent: null,
    offerSeconds: null,
    skills: [],
    businessHoursId: null,
    open: true,
    offlineBehaviour: "queue",
    fallbackDepartmentId: null,
    fallbackAfterSeconds: null,
    routingVersion: 3,
    members: [
      { id: me, name: "Ada" },
      { id: ben, name: "Ben" },
    ],
    createdAt: at(0),
    archivedAt: null,
  };
  const before = policyOf(department);

  test("sends only what was changed, so that a colleague's change elsewhere stays", () => {
    expect(changesOf(before, { ...before, offerSeconds: 30, name: "Help" })).toEqual({
      offerSeconds: 30,
      name: "Help",
    });
    expect(changesOf(before, before)).toEqual({});
  });

  test("takes members in another order as the same members", () => {
    expect(changesOf(before, { ...before, memberIds: [ben, me] })).toEqual({});
    expect(changesOf(before, { ...before, memberIds: [ben] })).toEqual({ memberIds: [ben] });
  });
});

describe("a week", () => {
  const week = [
    { weekday: 1, from: "13:00", to: "17:00" },
    { weekday: 1, from: "09:00", to: "12:00" },
    { weekday: 5, from: "22:00", to: "02:00" },
  ];

  test("shows a day's stretches by the clock and knows where each stands", () => {
    expect(stretchesOf(week, 1).map(({ from, at: place }) => [from, place])).toEqual([
      ["09:00", 1],
      ["13:00", 0],
    ]);
  });

  test("begins a further stretch after the last one, and never past the day", () => {
    expect(nextStretch(week, 1)).toEqual({ weekday: 1, from: "18:00", to: "21:00" });
    expect(nextStretch(week, 2)).toEqual({ weekday: 2, from: "09:00", to: "17:00" });
    expect(nextStretch([{ weekday: 3, from: "09:00", to: "20:00" }], 3).to).toBe("24:00");
  });

  test("says which stretches end on the next day", () => {
    expect(week.map(isOverMidnight)).toEqual([false, false, true]);
  });

  test("begins on Monday", () => {
    expect([1, 7].map((day) => weekdayName(day, "en-GB"))).toEqual(["Monday", "Sunday"]);
  });
});

describe("small words", () => {
  test("a company's name suggests a short name that the server takes", () => {
    expect(slugOf("Blumen & Söhne GmbH")).toBe("blumen-sohne-gmbh");
    expect(slugOf("  --  ")).toBe("");
    expect(slugOf("A".repeat(100))).toHaveLength(60);
  });

  test("a password is measured in bytes at its upper end", () => {
    expect(passwordProblem("short")).toContain("10 characters");
    expect(passwordProblem("a".repeat(72))).toBeNull();
    expect(passwordProblem("ä".repeat(37))).toContain("72 bytes");
  });

  test("a device is named by browser and system", () => {
    expect(deviceText("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0")).toBe("Firefox on Windows");
    expect(deviceText("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604.1")).toBe(
      "Safari on iPhone",
    );
    expect(deviceText("curl/8.5")).toBe("curl/8.5");
    expect(deviceText(null)).toBe("Unknown device");
  });

  test("the audit log names who acted, and for whom", () => {
    const event = { id: "1", action: "role.update", createdAt: at(0) };
    expect(whoOf({ ...event, actor: { kind: "agent", name: "Ada" } })).toBe("Ada");
    expect(whoOf({ ...event, actor: { kind: "platform", name: "Root" }, onBehalfOf: { id: me, name: "Ada" } })).toBe(
      "Root (Parley's staff), as Ada",
    );
    expect(whoOf({ ...event, actor: { kind: "system" } })).toBe("Parley");
  });

  test("a span of days ends with the whole of its last day", () => {
    const { from, to } = dayBounds("2026-11-20", "2026-11-20");
    expect(Date.parse(to!) - Date.parse(from!)).toBe(24 * 60 * 60_000);
    expect(dayBounds("", "")).toEqual({});
  });

  test("use of a limit is a share of it, where there is one", () => {
    expect([shareOf(1, 4), shareOf(9, 4), shareOf(3, null), shareOf(0, 0)]).toEqual([25, 100, null, 100]);
    expect([usedText(3, 25), usedText(3, null)]).toEqual(["3 of 25", "3"]);
  });

  test("lists of lines and skills leave out what says nothing", () => {
    expect(lines(" https://a.test \n\nhttps://a.test\nhttps://b.test")).toEqual(["https://a.test", "https://b.test"]);
    expect(
      skillsOf([
        { key: 1, name: " french ", level: 2 },
        { key: 2, name: "  ", level: 5 },
      ]),
    ).toEqual({ french: 2 });
  });

  test("the line for a site carries the server and the key", () => {
    expect(embedLine("https://chat.test", "k1")).toBe(
      '<script async src="https://chat.test/widget.js" data-inbox-key="k1"></script>',
    );
  });
});

describe("a list that is written one entry a line", () => {
  const refused = (message: string) => Promise.reject(new RestError(400, "invalid_payload", message, false));

  test("names the entry that was refused", async () => {
    const entries = ["https://a.example", "b.example/"];
    await expect(
      namingEntry("allowedOrigins", entries, () => refused("body.allowedOrigins.1: must be an origin")),
    ).rejects.toThrow("“b.example/” must be an origin.");
  });

  test("leaves every other refusal as it is", async () => {
    for (const message of ["body.name: must not be empty", "body.allowedOrigins: must have at most 100 items", "No."])
      await expect(namingEntry("allowedOrigins", ["x"], () => refused(message))).rejects.toThrow(message);
  });
});
