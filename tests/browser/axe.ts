import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Violation = { id: string; impact: string; help: string; nodes: { html: string; failureSummary?: string }[] };

/** What stands in the way of people with disabilities on a page as it is now, one line for each; shadow roots included. */
export const barriersOn = async (page: Page): Promise<string[]> => {
  // Evaluated rather than added as a script: the page's own policy would refuse that.
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } };
    return (await axe.run({ resultTypes: ["violations"] })).violations;
  });
  return (
    violations
      // A menu or a tooltip lies over the page and belongs to no landmark.
      .filter(({ id, impact }) => impact !== "minor" && id !== "region")
      .flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary = "" }) => `${id} (${help}): ${html.slice(0, 300)} ${failureSummary}`),
      )
  );
};
