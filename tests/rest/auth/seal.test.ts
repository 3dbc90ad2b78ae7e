import { expect, test } from "vitest";
import { isOutdated, seal, unseal } from "../../../server/features/auth/seal.ts";

const [older, newer] = ["the older of the two secrets, long enough", "the newer of the two secrets, long enough"];
const before = { AUTH_SECRETS: [older] };
const during = { AUTH_SECRETS: [newer, older] };
const after = { AUTH_SECRETS: [newer] };

test("what is sealed is read again, for its purpose and no other", () => {
  const sealed = seal(before, "totp:ada", "a secret");
  expect(sealed).not.toContain("a secret");
  expect(unseal(before, "totp:ada", sealed)).toBe("a secret");
  expect(unseal(before, "totp:bea", sealed)).toBeUndefined();
});

test("the same text is never sealed alike", () => {
  expect(seal(before, "test", "text")).not.toBe(seal(before, "test", "text"));
});

test("what was altered is not read", () => {
  const sealed = seal(before, "test", "some text");
  const [id, body] = sealed.split(".");
  const bytes = Buffer.from(body!, "base64url");
  for (let place = 0; place < bytes.length; place += 1) {
    const altered = Buffer.from(bytes);
    altered[place]! ^= 1;
    expect(unseal(before, "test", `${id}.${altered.toString("base64url")}`)).toBeUndefined();
  }
  for (const wrong of ["", ".", id!, `${id}.`, `${id}.AAAA`, `00000000.${body}`])
    expect(unseal(before, "test", wrong)).toBeUndefined();
});

test("while secrets are rotated the older one's is read and known to be outdated; afterwards it is lost", () => {
  const sealed = seal(before, "test", "text");
  expect(unseal(during, "test", sealed)).toBe("text");
  expect([isOutdated(before, "test", sealed), isOutdated(during, "test", sealed)]).toEqual([false, true]);
  expect(unseal(after, "test", seal(during, "test", "text"))).toBe("text");
  expect(unseal(after, "test", sealed)).toBeUndefined();
});
