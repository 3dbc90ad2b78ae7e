import { describe, expect, test } from "vitest";
import { useCluster } from "../support/cluster.ts";
import { password } from "../support/tenant.ts";
import { ask, cookieOf, logInRaw, refreshWith } from "../rest/requests.ts";

const cluster = useCluster({ env: { PUBLIC_URL: "http://chat.example" } });

const signedIn = async () => {
  const tenant = await cluster().tenant();
  const { email } = tenant.agents[0]!;
  const answer = await logInRaw(cluster().list[0]!.url, email);
  return { tenant, email, token: answer.body.accessToken as string, cookie: cookieOf(answer)!.cookie };
};

test("tabs that refresh at once on several nodes get one successor, which every node takes", async () => {
  const { cookie } = await signedIn();
  const urls = cluster().list.map(({ url }) => url);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => refreshWith(urls[i % urls.length]!, cookie)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const successors = new Set(answers.map((answer) => cookieOf(answer)?.cookie));
  expect(successors.size).toBe(1);
  for (const url of urls) expect((await refreshWith(url, [...successors][0])).status).toBe(200);
});

describe("live sockets on every node end at once", () => {
  const socketsOf = async ({ tenant, token }: Awaited<ReturnType<typeof signedIn>>) => {
    const tabs = [];
    for (const at of cluster().list) tabs.push(await cluster().agent(tenant, { at, token: () => token }));
    return tabs.map((tab) => tab.next<{ reason: string; reconnect: boolean }>("session:ended"));
  };
  const ended = { reason: "session_revoked", reconnect: false };

  test("when the person logs out everywhere", async () => {
    const person = await signedIn();
    const ends = await socketsOf(person);
    const other = await logInRaw(cluster().list[1]!.url, person.email);
    const { url } = cluster().list[1]!;
    await ask(url, "POST", "/auth/logout-everywhere", { token: other.body.accessToken });
    expect(await Promise.all(ends)).toEqual(ends.map(() => ended));
  });

  test("when the password is changed in another session", async () => {
    const person = await signedIn();
    const ends = await socketsOf(person);
    const { url } = cluster().list[1]!;
    const { accessToken: token } = (await logInRaw(url, person.email)).body;
    const body = { currentPassword: password, password: "another long enough password" };
    expect((await ask(url, "POST", "/auth/password/change", { token, body })).status).toBe(204);
    expect(await Promise.all(ends)).toEqual(ends.map(() => ended));
    expect((await ask(url, "GET", "/me", { token })).status).toBe(200);
  });
});
