import type { Reporter, TestModule, TestRunEndReason, TestSuite } from "vitest/node";

/**
 * Says `N passed, N failed` as the very last line of a run, counting tests. What keeps tests from running at all (a file
 * that does not load, a hook that throws, an error outside any test, a run that never ended) counts as failed too.
 */
export class CountingReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #ended = false;

  onInit(): void {
    // Teardown may still talk after the last hook of a reporter; at exit nobody does.
    process.once("exit", () => process.stdout.write(this.line()));
  }

  onTestRunStart(): void {
    this.#passed = this.#failed = 0;
    this.#ended = false;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[], reason: TestRunEndReason): void {
    this.#ended = true;
    this.#failed = unhandled.length;
    this.#passed = 0;
    for (const module of modules) {
      this.#failed += brokenSuites(module);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") this.#passed += 1;
        if (state === "failed") this.#failed += 1;
      }
    }
    // A setup that throws ends the run before there is a test to blame.
    if (reason !== "passed" && this.#failed === 0) this.#failed = 1;
  }

  line(): string {
    return `${this.#passed} passed, ${this.#ended ? this.#failed : Math.max(1, this.#failed)} failed\n`;
  }
}

const brokenSuites = (suite: TestModule | TestSuite): number => {
  let broken = suite.errors().length > 0 ? 1 : 0;
  for (const child of suite.children) if (child.type === "suite") broken += brokenSuites(child);
  return broken;
};

export default CountingReporter;
