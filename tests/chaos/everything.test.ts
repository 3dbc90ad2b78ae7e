import { expect, test } from "vitest";
import { runSeed } from "../support/random.ts";
import { runChaos } from "./run.ts";

test("nothing is lost, doubled, disordered or leaked whatever breaks", { timeout: 300_000 }, async () => {
  const seed = runSeed("everything breaks");
  const said: string[] = [];
  const { violations, report } = await runChaos({
    seconds: 50,
    seed,
    conversations: 100,
    tenants: 3,
    rate: 60,
    say: (line) => said.push(line),
  });
  if (violations > 0) process.stderr.write(`${said.join("\n")}\n`);
  expect(report).toContain("Nothing was lost");
  expect(violations).toBe(0);
});
