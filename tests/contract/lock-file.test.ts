import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Package = { dependencies?: object; devDependencies?: object; optionalDependencies?: object };

const packages = (
  JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
    packages: Record<string, Package>;
  }
).packages;

/** Whether `name` is locked for the package at `path`, in its own folder or in one further up. */
const isLocked = (path: string, name: string): boolean => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (`${at && `${at}/`}node_modules/${name}` in packages) return true;
    if (at === "") return false;
  }
};

describe("the lock file", () => {
  // `npm ci` refuses a lock that misses another platform's package, and `npm install` would add it to a clean checkout.
  test("holds the optional packages of every platform", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
    );
    expect(missing).toEqual([]);
  });

  test("names no registry", () => {
    expect(Object.entries(packages).filter(([, one]) => "resolved" in one)).toEqual([]);
  });
});
