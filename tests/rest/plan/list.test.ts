import { expect, test } from "vitest";
import { plans } from "../../../server/contract/plans.ts";
import { useApp } from "../../support/app.ts";
import { call } from "../platform/support.ts";

const app = useApp();

test("whoever asks, signed in or not, is told every plan, what it allows and what it includes", async () => {
  const { data, nextCursor } = await call(app(), "plan/list");
  expect(nextCursor).toBeNull();
  expect(data).toEqual(
    Object.entries(plans).map(([name, { name: title, limits, features }]) => ({ name, title, limits, features })),
  );
});
