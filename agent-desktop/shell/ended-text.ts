import type { ErrorBody } from "../../server/contract/errors.ts";

const reasons: Record<string, string> = {
  expired: "Your session ran out.",
  session_revoked: "Your session was ended: you signed out elsewhere, or an admin ended it.",
  deactivated: "Your login no longer belongs to this workspace.",
  impersonation_ended: "Your session as somebody else is over.",
  tenant_suspended: "This workspace is suspended.",
};

/** Why a session ended for good, as a sentence: the server's refusal where there is one, else its reason. */
export const endedText = (reason: string | undefined, error: ErrorBody | undefined): string => {
  // A refused handshake has its reason in the details, the same words as an ended session.
  const why = error?.details?.["reason"] ?? reason;
  const known = typeof why === "string" ? reasons[why] : undefined;
  if (known) return known;
  if (error) return error.code === "unauthenticated" ? "Your session has ended." : error.message;
  return "Your session has ended.";
};
