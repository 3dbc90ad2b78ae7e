import bcrypt from "bcrypt";
import { expect, test } from "vitest";
import type { Refusal } from "../../../server/contract/errors.ts";
import { checkPassword, hashPassword } from "../../../server/features/auth/password.ts";

test("a password is hashed at cost 12 and recognised again", async () => {
  const hash = await hashPassword("correct horse");
  expect(bcrypt.getRounds(hash)).toBe(12);
  expect(await checkPassword("correct horse", hash)).toBe(true);
  expect(await checkPassword("wrong horse", hash)).toBe(false);
});

test("a password is the same however a keyboard composes its letters, also one chosen before that was so", async () => {
  const [composed, decomposed] = ["correct Zo\u00eb", "correct Zoe\u0308"];
  const hash = await hashPassword(composed);
  expect(await checkPassword(decomposed, hash)).toBe(true);
  expect(await checkPassword(decomposed, await bcrypt.hash(decomposed, 4))).toBe(true);
  expect(await checkPassword("correct Zoe", hash)).toBe(false);
});

test("two are compared at once, forty wait, and whoever comes then is told to come back", async () => {
  const hash = await bcrypt.hash("anything", 4);
  const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => checkPassword("anything", hash)));
  const said = outcomes.map((outcome) =>
    outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Refusal).code,
  );
  expect(said).toEqual([...Array.from({ length: 42 }, () => true), ...Array.from({ length: 18 }, () => "unavailable")]);
  expect(await checkPassword("anything", hash)).toBe(true);
});
