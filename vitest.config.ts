import { defineConfig } from "vitest/config";

// Real processes and browsers take a core each: their files run one at a time, after all others.
const heavy = ["tests/{cluster,chaos,browser,launch}/**/*.test.{ts,tsx}"];
const never = ["**/node_modules/**", "dist/**"];

export default defineConfig({
  test: {
    // At the root, so that one Postgres and one Redis serve both projects.
    globalSetup: "./tests/support/global-setup.ts",
    reporters: ["default", "./tests/support/reporter.ts"],
    projects: [
      {
        test: {
          name: "rules",
          environment: "node",
          pool: "forks",
          include: ["tests/**/*.test.{ts,tsx}"],
          exclude: [...never, ...heavy],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "processes",
          environment: "node",
          pool: "forks",
          include: heavy,
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
