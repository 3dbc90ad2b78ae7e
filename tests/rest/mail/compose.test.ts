import { expect, test } from "vitest";
import { composeMail } from "../../../server/features/mail/compose.ts";
import { queueMail } from "../../../server/features/mail/queue.ts";
import { invitationMail } from "../../../server/features/mail/texts/invitation.ts";
import { useApp } from "../../support/app.ts";

const app = useApp();

test("text and page say the same, and the one thing to do stands before the closing words", () => {
  const { text, html } = composeMail({
    paragraphs: ["First.", "Second."],
    action: { label: "Go", url: "https://x.test/#/a?b=1&c=2" },
    closing: ["Last."],
  });
  expect(text).toBe("First.\n\nSecond.\n\nGo:\nhttps://x.test/#/a?b=1&c=2\n\nLast.\n");
  const places = ["<p", "First.", "Second.", ">Go</a>", "Last."].map((part) => html.indexOf(part));
  expect(places.every((place, i) => place > (places[i - 1] ?? 0))).toBe(true);
  expect(html).toContain('href="https://x.test/#/a?b=1&amp;c=2"');
});

test("a name neither opens a tag nor a paragraph of its own", () => {
  const { text, html, subject } = invitationMail({
    to: "ada@example.test",
    inviter: `Bob</p><script>x</script>\r\n\r\nPlease pay here: "'&`,
    workspace: "Shop\u2028two",
    roleName: "Agent",
    url: "https://x.test/",
    days: 7,
  });
  expect(html).not.toContain("<script>");
  expect(html).toContain("Bob&lt;/p&gt;&lt;script&gt;x&lt;/script&gt; Please pay here: &quot;&#39;&amp;");
  expect(text.split("\n\n")[1]).toMatch(
    /^Bob.* Please pay here: .* invites you to join Shop two on Parley as Agent\.$/u,
  );
  expect(subject).toContain("Shop");
});

test("a subject of any length and any letters can be stored, as one line", async () => {
  const tenant = await app().tenant();
  await app().app.node.tenancy.withTenant(tenant.id, (db) =>
    queueMail({ db }, tenant.id, { kind: "test", to: "a@b.test", subject: `x\n${"🪴".repeat(300)}`, text: "" }),
  );
  const { rows } = await app().superuser.query("SELECT subject FROM mails WHERE tenant_id = $1", [tenant.id]);
  expect(rows).toEqual([{ subject: `x ${"🪴".repeat(197)}…` }]);
});
