import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import { composeMail } from "../../../server/features/mail/compose.ts";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import { testSettings } from "../../support/nodes.ts";
import { eventually } from "../../support/wait.ts";
import { makeDue, nodeWith, rowsOf, startMailbox, write } from "./support.ts";

const app = useApp();
const root = fileURLToPath(new URL("../../../", import.meta.url));
const deliver = (settings: Parameters<typeof nodeWith>[1]) => handlers["mail.deliver"](nodeWith(app(), settings));

test("a mail is sent once, as text and as a page, and then keeps no words", async () => {
  const tenant = await app().tenant();
  const mailbox = await startMailbox();
  const letter = composeMail({
    paragraphs: ["Hello <b>you</b>,"],
    action: { label: "Come in", url: "https://x.test/#/a?token=secret" },
  });
  await write(app(), tenant, { to: "ada@example.test", subject: "Grüße · 你好", ...letter });
  for (let twice = 0; twice < 2; twice++)
    await deliver({ SMTP_URL: mailbox.url, MAIL_FROM: "Parley <hello@parley.example>" });
  const [row] = await rowsOf(app(), tenant);
  const [{ from, to, mail, raw }, ...others] = mailbox.received as [any, ...any[]];
  expect(others).toEqual([]);
  expect({ from, to }).toEqual({ from: "hello@parley.example", to: ["ada@example.test"] });
  expect(mail).toMatchObject({
    subject: "Grüße · 你好",
    from: { name: "Parley", address: "hello@parley.example" },
    to: [{ address: "ada@example.test" }],
    messageId: `<${row!.id}@parley.example>`,
  });
  expect(mail.text.trim()).toBe(letter.text.trim());
  expect(mail.html).toContain("Hello &lt;b&gt;you&lt;/b&gt;,");
  expect(raw).toContain("Auto-Submitted: auto-generated");
  expect(row).toMatchObject({ text: null, html: null, attempts: 1, sent_at: expect.any(Date), failed_at: null });
});

test("no header can be slipped in by a subject, and no further recipient by an address", async () => {
  const tenant = await app().tenant();
  const mailbox = await startMailbox();
  const evil = "Hi\r\nBcc: spy@evil.test\r\nX-Evil: 1\u2028\u0085\n\nBody";
  await write(app(), tenant, { to: "ada@example.test", subject: evil });
  for (const to of [
    "ada@example.test, spy@evil.test",
    "ada@example.test\r\nRCPT TO:<spy@evil.test>",
    "ada@example.test\nBcc: spy@evil.test",
    "Group: spy@evil.test;",
    "<spy@evil.test>",
    '"ada" spy@evil.test',
    "ada@example.test>, <spy@evil.test",
    "nobody",
    "",
  ])
    await write(app(), tenant, { to });
  await deliver({ SMTP_URL: mailbox.url });
  expect(mailbox.received.map(({ to }) => to)).toEqual([["ada@example.test"]]);
  const [{ mail, raw }] = mailbox.received as [any];
  const names = mail.headers.map(({ key }: any) => key);
  expect(names).not.toContain("bcc");
  expect(names).not.toContain("x-evil");
  expect(raw.split("\r\n\r\n")[0]).not.toMatch(/^(bcc|x-evil)/imu);
  expect(mail.text.trim()).toBe("Some words.");
  const [first, ...refused] = await rowsOf(app(), tenant);
  expect(first!.sent_at).not.toBeNull();
  for (const row of refused) expect(row).toMatchObject({ attempts: 1, failed_at: expect.any(Date), text: null });
});

test("however many workers deliver at once, every mail is sent once", async () => {
  const tenants = await Promise.all([1, 2, 3].map(() => app().tenant()));
  const mailbox = await startMailbox();
  for (const tenant of tenants)
    for (let n = 0; n < 8; n++) await write(app(), tenant, { to: `n${n}@${tenant.slug}.test` });
  await Promise.all([1, 2, 3, 4].map(() => deliver({ SMTP_URL: mailbox.url })));
  const got = mailbox.received.map(({ to }) => to.join());
  expect(got).toHaveLength(24);
  expect(new Set(got).size).toBe(24);
});

test("a workspace with very many mails does not hold up another's one", async () => {
  const [busy, quiet] = [await app().tenant(), await app().tenant()];
  const mailbox = await startMailbox();
  for (let n = 0; n < 30; n++) await write(app(), busy, { to: `n${n}@busy.test` });
  await write(app(), quiet, { to: "one@quiet.test" });
  await deliver({ SMTP_URL: mailbox.url });
  expect(mailbox.received).toHaveLength(31);
  expect(mailbox.received.findIndex(({ to }) => to[0] === "one@quiet.test")).toBeLessThan(2);
});

test("a server that can't take it now is asked again, later each time, and given up in the end", async () => {
  const tenant = await app().tenant();
  const mailbox = await startMailbox();
  mailbox.refuse.data = () => ({ code: 451, text: "Try again later" });
  await write(app(), tenant);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 7; attempt++) {
    await deliver({ SMTP_URL: mailbox.url });
    const [row] = await rowsOf(app(), tenant);
    expect(row).toMatchObject({ attempts: attempt, failed_at: null, text: "Some words.\n" });
    expect(row!.last_error).toContain("Try again later");
    waits.push(row!.wait);
    // Not due yet: nothing is tried.
    await deliver({ SMTP_URL: mailbox.url });
    await makeDue(app(), tenant);
  }
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBeGreaterThan(20);
  await deliver({ SMTP_URL: mailbox.url });
  const [row] = await rowsOf(app(), tenant);
  expect(row).toMatchObject({
    attempts: 8,
    failed_at: expect.any(Date),
    sent_at: null,
    text: null,
    html: null,
    wait: Infinity,
  });
});

test("a recipient there is not is given up at once, and nobody else's mail with it", async () => {
  const tenant = await app().tenant();
  const mailbox = await startMailbox();
  mailbox.refuse.recipient = (address) =>
    address.startsWith("gone") ? { code: 550, text: "No such mailbox" } : undefined;
  await write(app(), tenant, { to: "gone@example.test" });
  await write(app(), tenant, { to: "here@example.test" });
  await deliver({ SMTP_URL: mailbox.url });
  const [gone, here] = await rowsOf(app(), tenant);
  expect(gone).toMatchObject({ attempts: 1, failed_at: expect.any(Date), text: null });
  expect(here).toMatchObject({ attempts: 1, sent_at: expect.any(Date) });
});

test("while the mail server is away mails wait, and go once it is back", async () => {
  const tenant = await app().tenant();
  const away = await startMailbox();
  await away.close();
  await write(app(), tenant);
  await deliver({ SMTP_URL: away.url });
  expect(await rowsOf(app(), tenant)).toMatchObject([
    { attempts: 1, sent_at: null, failed_at: null, text: "Some words.\n" },
  ]);
  const back = await startMailbox();
  await makeDue(app(), tenant);
  await deliver({ SMTP_URL: back.url });
  expect(back.received).toHaveLength(1);
});

test(
  "a worker that is killed in the middle of a mail leaves it to be sent once more, and no oftener",
  { timeout: 60_000 },
  async () => {
    const tenant = await app().tenant();
    const mailbox = await startMailbox();
    mailbox.hold = new Promise(() => {});
    await write(app(), tenant);
    const { DATABASE_URL, DATABASE_APP_URL } = app().app.node.config;
    const worker = spawn(process.execPath, ["--import", "tsx", "workers/index.ts"], {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        TMPDIR: process.env["TMPDIR"],
        ...testSettings,
        NODE_NAME: "worker",
        SMTP_URL: mailbox.url,
        DATABASE_URL,
        DATABASE_APP_URL,
        REDIS_URL: inject("services").redisUrl,
      },
      stdio: "ignore",
    });
    onTestFinished(() => {
      worker.kill("SIGKILL");
    });
    await eventually(() => mailbox.received.length === 1, "the worker is in the middle of it", { ms: 40_000 });
    worker.kill("SIGKILL");
    mailbox.hold = undefined;
    // Nobody knows yet that the sender is dead.
    await deliver({ SMTP_URL: mailbox.url });
    expect(mailbox.received).toHaveLength(1);
    await makeDue(app(), tenant);
    for (let twice = 0; twice < 2; twice++) await deliver({ SMTP_URL: mailbox.url });
    const ids = mailbox.received.map(({ mail }) => mail.messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(await rowsOf(app(), tenant)).toMatchObject([{ attempts: 2, sent_at: expect.any(Date), text: null }]);
  },
);

test("a mail that brings down each of its senders is given up without another try", async () => {
  const tenant = await app().tenant();
  const mailbox = await startMailbox();
  await write(app(), tenant);
  await app().superuser.query("UPDATE mails SET attempts = 8 WHERE tenant_id = $1", [tenant.id]);
  await deliver({ SMTP_URL: mailbox.url });
  expect(mailbox.received).toEqual([]);
  expect(await rowsOf(app(), tenant)).toMatchObject([{ failed_at: expect.any(Date), text: null }]);
});

test("mails of a suspended workspace wait", async () => {
  const tenant = await app().tenant();
  const mailbox = await startMailbox();
  await write(app(), tenant);
  await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [tenant.id]);
  await deliver({ SMTP_URL: mailbox.url });
  expect(mailbox.received).toEqual([]);
  await app().superuser.query("UPDATE tenants SET status = 'active' WHERE id = $1", [tenant.id]);
  await deliver({ SMTP_URL: mailbox.url });
  expect(mailbox.received).toHaveLength(1);
});

test("without a mail server mails wait for one, and in the demo stay to be read", async () => {
  const tenant = await app().tenant();
  await write(app(), tenant);
  await deliver({ SMTP_URL: undefined, DEMO: false });
  expect(await rowsOf(app(), tenant)).toMatchObject([{ attempts: 0, sent_at: null }]);
  await deliver({ SMTP_URL: undefined, DEMO: true });
  expect(await rowsOf(app(), tenant)).toMatchObject([{ sent_at: expect.any(Date), text: "Some words.\n" }]);
});

test("what nobody could send in three days is given up, and old mails are forgotten", async () => {
  const tenant = await app().tenant();
  const ages = ["2 days", "4 days", "31 days"];
  for (const _ of ages) await write(app(), tenant);
  const rows = await rowsOf(app(), tenant);
  for (const [place, age] of ages.entries())
    await app().superuser.query("UPDATE mails SET created_at = now() - $2::interval WHERE id = $1", [
      rows[place]!.id,
      age,
    ]);
  const purge = () => handlers["mail.purge"](app().app.node);
  await Promise.all([purge(), purge()]);
  expect(await rowsOf(app(), tenant)).toMatchObject([
    { failed_at: null, text: "Some words.\n" },
    { failed_at: expect.any(Date), text: null },
  ]);
});
