import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../server/contract/errors.ts";
import { asksForCode, explainJoining, explainSignIn } from "../../agent-desktop/session/explain.ts";
import { RestError } from "../../agent-desktop/session/rest.ts";

const refused = (code: ErrorCode, reason?: string, message = "The server's own sentence.") =>
  new RestError(401, code, message, false, reason === undefined ? {} : { reason });

describe("a refused sign-in in words", () => {
  test("does not tell a wrong address from a wrong password", () => {
    expect(explainSignIn(refused("unauthenticated"))).toBe("The e-mail address or the password is wrong.");
  });

  test("asks for a code where the password was right, and says when that was wrong", () => {
    expect(asksForCode(refused("unauthenticated", "code_required"))).toBe(true);
    expect(asksForCode(refused("unauthenticated"))).toBe(false);
    expect(asksForCode(new Error("code_required"))).toBe(false);
    expect(explainSignIn(refused("unauthenticated", "code"))).toContain("The code is wrong");
  });

  test("says that a workspace is suspended, and leaves what only the server knows in its words", () => {
    expect(explainSignIn(refused("unauthenticated", "tenant_suspended"))).toContain("suspended");
    expect(explainSignIn(refused("rate_limited"))).toBe("The server's own sentence.");
  });

  test("says what is wrong with what somebody chose, where they join", () => {
    expect(explainJoining(refused("invalid_payload"))).toBe("The server's own sentence.");
    expect(explainJoining(refused("unauthenticated"))).toBe("The server's own sentence.");
    expect(explainJoining(refused("unauthenticated", "code"))).toContain("The code is wrong");
  });

  test("what breaks in the page itself is said to be that", () => {
    expect(explainSignIn(new TypeError("x is undefined"))).toContain("Reload it");
  });
});
