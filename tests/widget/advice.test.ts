import { expect, test } from "vitest";
import type { ErrorBody } from "../../server/contract/errors.ts";
import { adviceOn } from "../../widget-sdk/app/advice.ts";

const about = { inboxKey: "ib_1", origin: "https://shop.example" };
const refused = (code: ErrorBody["code"], details?: Record<string, unknown>): ErrorBody => ({
  code,
  message: "No.",
  retryable: false,
  ...(details && { details }),
});

test("a page that may not embed the chat is told its origin, and where to add it", () => {
  const advice = adviceOn(refused("permission_denied", { origin: about.origin }), about);
  expect(advice).toContain(about.origin);
  expect(advice).toContain("Settings → Inboxes → Sites that may embed it");
});

test("a key that no inbox has is named", () => {
  expect(adviceOn(refused("not_found"), about)).toContain('"ib_1"');
});

test("a suspended workspace is not mistaken for a page that may not embed it", () => {
  const advice = adviceOn(refused("permission_denied", { reason: "tenant_suspended" }), about);
  expect(advice).toContain("suspended");
  expect(advice).not.toContain(about.origin);
});

test("what is no matter of the page has no advice", () => {
  expect(adviceOn(undefined, about)).toBeUndefined();
  expect(adviceOn(refused("unavailable"), about)).toBeUndefined();
  expect(adviceOn(refused("unauthenticated"), about)).toBeUndefined();
});
