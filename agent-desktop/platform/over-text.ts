import type { ErrorBody } from "../../server/contract/errors.ts";

const reasons: Record<string, string> = {
  expired: "the time is up.",
  impersonation_ended: "it was ended elsewhere.",
  session_revoked: "it was ended elsewhere.",
  deactivated: "they no longer belong to the workspace.",
  tenant_suspended: "the workspace was suspended.",
};

/** Why the time in a member's place is over, as the rest of a sentence. */
export const overText = (reason: string | undefined, error: ErrorBody | undefined): string => {
  // A refused handshake has its reason in the details, the same words as an ended session.
  const why = error?.details?.["reason"] ?? reason;
  return (typeof why === "string" && reasons[why]) || "the time is up, or it was ended elsewhere.";
};
