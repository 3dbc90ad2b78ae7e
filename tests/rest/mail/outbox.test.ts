import { expect, test } from "vitest";
import { composeMail } from "../../../server/features/mail/compose.ts";
import { queueMail } from "../../../server/features/mail/queue.ts";
import { startApp, useApp } from "../../support/app.ts";
import type { TestApp } from "../../support/app.ts";
import { raw, settled } from "../requests.ts";

const app = useApp({ DEMO: "true" });

const write = async (where: TestApp, to: string, words: string) => {
  const tenant = await where.tenant();
  await where.app.node.tenancy.withTenant(tenant.id, (db) =>
    queueMail({ db }, tenant.id, {
      kind: "test",
      to,
      subject: `About ${words}`,
      ...composeMail({
        paragraphs: [words],
        action: { label: "Go", url: "http://127.0.0.1:1/desktop/#/x?token=a&b=<c>" },
      }),
    }),
  );
};

test("the demo's mails can be read, the newest first and of one person, before and without being sent", async () => {
  await write(app(), "first@example.test", "one");
  await write(app(), "second@example.test", "two");
  const all = await raw(app().url, { path: "/outbox.json" });
  expect(all.body.data.map(({ to }: any) => to)).toEqual(["second@example.test", "first@example.test"]);
  expect(all.headers["cache-control"]).toBe("no-store");
  const one = await raw(app().url, { path: "/outbox.json?to=First@Example.test" });
  expect(one.body.data).toMatchObject([
    { kind: "test", subject: "About one", text: expect.stringContaining("token=a") },
  ]);
});

test("what people wrote is shown and never run", async () => {
  await write(app(), "evil@example.test", `<script>alert(1)</script>"'&`);
  const { body, headers } = await raw(app().url, { path: "/outbox" });
  expect(headers["content-type"]).toContain("text/html");
  expect(headers["content-security-policy"]).toContain("script-src 'self'");
  expect(body).not.toContain("<script>");
  expect(body).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;");
  expect(body).toContain('<a href="http://127.0.0.1:1/desktop/#/x?token=a&amp;b=');
});

test("a page from elsewhere whose name points here sees nothing, and other methods are told what is possible", async () => {
  const { port } = new URL(app().url);
  for (const host of [`evil.test:${port}`, "127.0.0.1.evil.test"])
    expect([host, (await raw(app().url, { path: "/outbox.json", headers: { Host: host } })).status]).toEqual([
      host,
      404,
    ]);
  const posted = await raw(app().url, { method: "POST", path: "/outbox" });
  expect([posted.status, posted.headers["allow"]]).toEqual([405, "GET, HEAD"]);
});

test("who comes by a proxy nobody told us of, or by the public name, sees nothing", async () => {
  const open = await startApp({ DEMO: "true", PUBLIC_URL: "https://chat.example.test" });
  await settled(open);
  const statusOf = async (headers: Record<string, string>) =>
    (await raw(open.url, { path: "/outbox.json", headers })).status;
  expect(await statusOf({ Host: "localhost" })).toBe(200);
  expect(await statusOf({ Host: "chat.example.test" })).toBe(404);
  expect(await statusOf({ Host: "localhost", "X-Forwarded-For": "192.0.2.7" })).toBe(404);
  for (const header of ["Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto", "CF-Connecting-IP"])
    expect([header, await statusOf({ Host: "localhost", [header]: "192.0.2.7" })]).toEqual([header, 404]);
});

test("a forwarded host name opens nothing, though proxies are trusted", async () => {
  const open = await startApp({ DEMO: "true", TRUSTED_PROXIES: "1" });
  await settled(open);
  const statusOf = async (headers: Record<string, string>) =>
    (await raw(open.url, { path: "/outbox.json", headers })).status;
  expect(await statusOf({ Host: "localhost" })).toBe(200);
  expect(await statusOf({ Host: "chat.example.test", "X-Forwarded-Host": "localhost" })).toBe(404);
  expect(await statusOf({ Host: "localhost", "X-Forwarded-Host": "chat.example.test" })).toBe(404);
});

test("outside the demo, and where a mail server sends them, nobody reads mails here", async () => {
  const elsewhere: Record<string, string>[] = [{ DEMO: "false" }, { DEMO: "true", SMTP_URL: "smtp://127.0.0.1:1" }];
  for (const env of elsewhere) {
    const other = await startApp(env);
    await settled(other);
    await write(other, "secret@example.test", "words");
    for (const path of ["/outbox", "/outbox.json"]) expect((await raw(other.url, { path })).status).toBe(404);
  }
});
