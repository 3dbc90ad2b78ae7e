import { afterEach, describe, expect, test } from "vitest";
import { overText } from "../../agent-desktop/platform/over-text.ts";
import { dayOf, endOfDay } from "../../agent-desktop/platform/words.ts";
import { renewAccess, useSession } from "../../agent-desktop/session/session-store.ts";

const tenant = { id: "t-1", name: "Acme", slug: "acme" };
const login = {
  user: { id: "u-1", name: "Ada", email: "ada@acme.test" },
  tenant,
  tenants: [tenant],
  accessToken: "-",
  expiresIn: 900,
};

afterEach(() => useSession.setState({ phase: "starting" }, true));

test("the cookie, which is the person's own, never renews their time in a member's place", async () => {
  const now = new Date().toISOString();
  const impersonation = {
    id: "i-1",
    tenant,
    user: login.user,
    impersonator: { id: "u-2", name: "Rosa" },
    reason: "They asked.",
    readOnly: true,
    startedAt: now,
    expiresAt: now,
    endedAt: null,
  };
  const session = { phase: "signed_in" as const, login, acting: { impersonation, own: login } };
  useSession.setState(session, true);
  await expect(renewAccess(login)).rejects.toMatchObject({ status: 401, retryable: false });
  expect(useSession.getState()).toEqual(session);
});

describe("why the time in a member's place is over", () => {
  const refusal = (reason: string) => ({
    code: "unauthenticated" as const,
    message: "-",
    retryable: false,
    details: { reason },
  });

  test("is said alike, whether the server ended it or refused to let in again", () => {
    expect(overText("expired", undefined)).toBe("the time is up.");
    expect(overText("tenant_suspended", undefined)).toBe("the workspace was suspended.");
    expect(overText("refused", refusal("tenant_suspended"))).toBe("the workspace was suspended.");
    expect(overText("refused", refusal("session_revoked"))).toBe(overText("impersonation_ended", undefined));
  });

  test("is a sentence for a reason nobody has heard of, too", () => {
    expect(overText("hiccup", undefined)).toMatch(/\.$/u);
    expect(overText(undefined, undefined)).toMatch(/\.$/u);
  });
});

test("a day stays the same on its way into a date field and out of it", () => {
  for (const moment of [new Date(2026, 0, 1, 0, 0, 1), new Date(2026, 11, 31, 23, 59, 59), new Date(2028, 1, 29, 12)])
    expect(dayOf(new Date(endOfDay(dayOf(moment))))).toBe(dayOf(moment));
  expect(dayOf(new Date(2026, 2, 5))).toBe("2026-03-05");
});
