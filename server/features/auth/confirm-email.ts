import { Refusal } from "../../contract/errors.ts";
import { changeLogin } from "./change-login.ts";
import { loginOfConfirmToken } from "./confirm-token.ts";
import type { AuthParts, Visit } from "./session.ts";
import { writeConfirmed } from "./write-confirmed.ts";

class ConfirmedAlready extends Error {}

/**
 * Confirms the address of a login by the token of a mailed link. Asked again it changes nothing and answers the same.
 * Throws Refusal `unauthenticated`, `rate_limited`.
 */
export const confirmEmail = async (
  { node, failedLogins }: AuthParts,
  token: string,
  visit: Pick<Visit, "address" | "requestId">,
): Promise<void> => {
  await failedLogins.countVisit("asking", visit.address);
  const login = await loginOfConfirmToken(node, token);
  if (!login)
    throw new Refusal("unauthenticated", "This link is no longer valid. Please sign in and have a new one sent.", {
      reason: "confirm_token",
    });
  if (login.emailConfirmedAt) return;
  try {
    await changeLogin(
      { node, user: { id: login.userId, name: login.name }, requestId: visit.requestId, address: visit.address },
      {
        action: "email.confirm",
        write: async (db) => {
          if (!(await writeConfirmed(db, login.userId))) throw new ConfirmedAlready();
        },
        end: "none",
      },
    );
  } catch (error) {
    if (!(error instanceof ConfirmedAlready)) throw error;
  }
};
