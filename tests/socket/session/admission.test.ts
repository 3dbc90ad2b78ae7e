import { describe, expect, test } from "vitest";
import { identitySecretId } from "../../../server/features/inbox/secret.ts";
import { ask, tokenFor } from "../../rest/requests.ts";
import { useApp } from "../../support/app.ts";
import { identityToken } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { hear } from "../support/hear.ts";

// So rarely that only the hint can be what is felt.
const hinted = useApp({ SESSION_CHECK_SECONDS: "30" });
const looking = useApp({ SESSION_CHECK_SECONDS: "1" });

const other = "https://other.example";
type Ended = { reason: string; reconnect: boolean };

/** By REST, and past everybody who could be told. */
const changes: [
  what: string,
  ended: Ended,
  (tenant: TestTenant) => [method: string, path: string, body?: object],
  string,
][] = [
  [
    "an archived inbox",
    { reason: "inbox_archived", reconnect: false },
    ({ inbox }) => ["DELETE", `/inboxes/${inbox.id}`],
    "DELETE FROM inbox_keys WHERE inbox_id = $1",
  ],
  [
    "an origin that is taken away",
    { reason: "origin_removed", reconnect: false },
    ({ inbox }) => ["PATCH", `/inboxes/${inbox.id}`, { allowedOrigins: [other] }],
    `UPDATE inboxes SET allowed_origins = '{${other}}' WHERE id = $1`,
  ],
  [
    "an identity secret that is removed",
    { reason: "identity_secret_removed", reconnect: true },
    ({ inbox }) => ["DELETE", `/inboxes/${inbox.id}/identity-secrets/${identitySecretId(inbox.identitySecret)}`],
    "UPDATE inboxes SET identity_secrets = '{}' WHERE id = $1",
  ],
];

const admin = { roles: ["tenant_admin" as const] };

describe("a visitor's socket ends with what let it in:", () => {
  test.each(changes)("%s, at once", async (_what, ended, request) => {
    const tenant = await hinted().tenant(admin);
    const ear = await hear(await hinted().contact(tenant, { identityToken: identityToken(tenant, "ada") }));
    const [method, path, body] = request(tenant);
    const token = await tokenFor(hinted(), tenant);
    expect((await ask(hinted().url, method, path, { token, body })).status).toBeLessThan(300);
    expect(await ear.next("session:ended", undefined, 5_000)).toEqual(ended);
  });

  test.each(changes)("%s, at the next look where nobody was told", async (_what, ended, _request, change) => {
    const tenant = await looking().tenant(admin);
    const ear = await hear(await looking().contact(tenant, { identityToken: identityToken(tenant, "ada") }));
    await looking().superuser.query(change, [tenant.inbox.id]);
    expect(await ear.next("session:ended")).toEqual(ended);
  });
});

test("whom a change of their inbox leaves let in stays where they are", async () => {
  const tenant = await hinted().tenant(admin);
  const [anonymous, elsewhere] = [await hinted().contact(tenant), await hinted().tenant(admin)];
  const neighbour = await hear(await hinted().contact(elsewhere));
  const named = await hear(await hinted().contact(tenant, { identityToken: identityToken(tenant, "ada") }));
  const ear = await hear(anonymous);
  const token = await tokenFor(hinted(), tenant);
  const path = `/inboxes/${tenant.inbox.id}`;
  const allowedOrigins = [tenant.inbox.origin, other];
  expect((await ask(hinted().url, "PATCH", path, { token, body: { allowedOrigins } })).status).toBe(200);
  const secret = `${path}/identity-secrets/${identitySecretId(tenant.inbox.identitySecret)}`;
  expect((await ask(hinted().url, "DELETE", secret, { token })).status).toBe(204);
  // Who is identified goes; by then the others would have gone too.
  await named.next("session:ended");
  await anonymous.command("conversation:list", {}, 10_000);
  for (const each of [ear, neighbour]) expect(each.of("session:ended")).toEqual([]);
});
