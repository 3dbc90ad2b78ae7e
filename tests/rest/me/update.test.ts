import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { ask, auditOf, refusalOf, tokenFor } from "../requests.ts";

const app = useApp();

test("a person changes their own name, and their sockets come back under it", async () => {
  const tenant = await app().tenant();
  const token = await tokenFor(app(), tenant);
  const agent = await app().agent(tenant, { token: () => token });
  const ended = agent.next<{ reason: string; reconnect: boolean }>("session:ended");
  const answer = await ask(app().url, "PATCH", "/me", { token, body: { name: "  Olive Orchard " } });
  expect([answer.status, answer.body.user.name]).toEqual([200, "Olive Orchard"]);
  expect(await ended).toEqual({ reason: "access_changed", reconnect: true });
  expect((await ask(app().url, "GET", "/me", { token })).body.user.name).toBe("Olive Orchard");
  const { id, name } = tenant.agents[0]!;
  expect((await auditOf(app(), tenant)).filter(({ action }) => action === "me.update")).toMatchObject([
    { actor_id: id, target_id: id, before: { name }, after: { name: "Olive Orchard" } },
  ]);
});

test("the same name changes nothing and is not in the audit log", async () => {
  const tenant = await app().tenant();
  const token = await tokenFor(app(), tenant);
  const answer = await ask(app().url, "PATCH", "/me", { token, body: { name: tenant.agents[0]!.name } });
  expect(answer.status).toBe(200);
  expect(await auditOf(app(), tenant)).toEqual([]);
});

test.each([["   "], [""], ["x".repeat(101)], ["with \0 inside"], ["\u200B\u202E"]])("%j is no name", async (name) => {
  const tenant = await app().tenant();
  const answer = await ask(app().url, "PATCH", "/me", { token: await tokenFor(app(), tenant), body: { name } });
  expect(refusalOf(answer)).toEqual([400, "invalid_payload"]);
});
