import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { seed } from "../../db/seed.ts";
import { useApp } from "../support/app.ts";

const app = useApp({ DEMO: "true" });
beforeAll(() => seed(app().app.node.config.DATABASE_URL, { origins: [app().url] }));

/** The README's blocks between its marks, as one script. */
const readTour = async (): Promise<string> => {
  const readme = await readFile(join(resolve(import.meta.dirname, "../.."), "README.md"), "utf8");
  const [, tour = ""] = /<!-- tour:start -->(.*)<!-- tour:end -->/su.exec(readme) ?? [];
  return [...tour.matchAll(/```sh\n(.*?)```/gsu)].map(([, block]) => block).join("\n");
};

test("the README's tour of the API works word for word", async () => {
  const script = (await readTour()).replace("http://localhost:3000", app().url);
  expect(script).toContain(app().url);
  const run = await new Promise<{ code: unknown; output: string }>((done) => {
    execFile("bash", ["-euo", "pipefail", "-c", script], (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
  expect(run).toMatchObject({ code: 0 });
  const told = [
    '"emailConfirmed":false',
    '"role":"tenant_admin"',
    "\ntrue\n",
    "nadia@orchard.test",
    '"role":"night_shift"',
    "[ 'conversation.read', 'conversation.read_all', 'message.send' ]",
    "Idempotency-Replayed: true",
    "permission_denied",
    "limit: 'inboxes'",
    "Your plan does not include this.",
    '"plan":"enterprise"',
    "role.create,agent,",
    "so you can't change anything.",
    "The workspace is suspended.",
    "Orchard\n",
    "The session has ended.",
  ];
  // Each after the one before it.
  let at = 0;
  for (const each of told) {
    const next = run.output.indexOf(each, at);
    expect([each, next >= at]).toEqual([each, true]);
    at = next;
  }
  expect(run.output).not.toMatch(/"internal"|undefined\n/u);
}, 120_000);
