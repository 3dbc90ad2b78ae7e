import { expect, test } from "vitest";
import { runSeed } from "../support/random.ts";
import { runRoutingChaos } from "./routing-run.ts";

test("every promise of routing is kept whatever breaks", { timeout: 400_000 }, async () => {
  const said: string[] = [];
  const { broken, report } = await runRoutingChaos({
    seed: runSeed("a busy company"),
    conversations: 300,
    agents: 18,
    departments: 6,
    nodes: 3,
    say: (line) => said.push(line),
  });
  if (broken.length > 0) process.stderr.write(`${said.join("\n")}\n${report}\n`);
  expect(broken).toEqual([]);
});
