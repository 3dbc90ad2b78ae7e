import { ParleyError } from "../core/errors.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import type { Identity, Mount } from "../loader/parley.ts";

/** A function that gave a token is asked again after this long where the server did not take it. */
const askAgainMs = 30_000;

export type IdentityKeeper = {
  /** What the handshake shows; throws where somebody is signed in and can't be vouched for. */
  token: () => Promise<string | undefined>;
  /** Who the page says is there now. Returns whether that is news. */
  tell: (identity: Identity) => boolean;
  isKnown: () => boolean;
  /** From here on without the page's word, until it gives another. */
  asGuest: () => void;
  /** A session began: what was shown has been taken. */
  taken: () => void;
  /** A session could not begin, or ended. */
  refused: (error: ErrorBody | undefined, retry: () => void) => void;
};

const isToken = (told: unknown): told is string => typeof told === "string" && told.trim() !== "";

/**
 * The page's word about who is there. A token that runs out is asked for again, and never exchanged silently for no token:
 * the visitor would be somebody else, without what they wrote before. What is wrong goes to the page's developer.
 */
export const createIdentity = (
  first: Identity,
  { say, onIdentityExpired }: Pick<Mount, "say" | "onIdentityExpired">,
): IdentityKeeper => {
  let identity = first;
  let guest = false;
  let shown = false;
  let verified = false;
  let said: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const sayOnce = (text: string, ...more: unknown[]) => {
    if (said !== text) say(text, ...more);
    said = text;
  };

  const ask = async () => {
    if (typeof identity !== "function") return identity;
    try {
      return await identity();
    } catch (error) {
      sayOnce("the function handed to Parley.identify failed; it is asked again.", error);
      throw new ParleyError({
        code: "unavailable",
        message: "The page can't say who is there.",
        retryable: true,
        details: { reason: "identity_unavailable" },
      });
    }
  };

  return {
    token: async () => {
      clearTimeout(timer);
      shown = false;
      if (guest) return undefined;
      const told = await ask();
      if (guest) return undefined;
      if (isToken(told)) {
        shown = true;
        return told.trim();
      }
      if (told !== undefined && told !== null && told !== "")
        sayOnce("Parley.identify takes a JWT as a text, or a function that returns one, and got something else.", told);
      else if (typeof identity === "function" && !verified)
        sayOnce("the function handed to Parley.identify returned no token: the visitor is nobody in particular.");
      if (!verified) return undefined;
      throw new ParleyError({
        code: "unauthenticated",
        message: "The page has no identity token any more for a visitor whom it had vouched for.",
        retryable: false,
        details: { reason: "identity_missing" },
      });
    },
    tell: (told) => {
      const isNews = told !== identity || typeof told === "function" || guest || !verified;
      identity = told;
      // Whoever is told of now is somebody of their own.
      guest = verified = false;
      said = undefined;
      return isNews;
    },
    isKnown: () => !guest && identity !== undefined && identity !== null && identity !== "",
    asGuest: () => {
      guest = true;
      verified = false;
    },
    taken: () => {
      verified = shown;
      said = undefined;
    },
    refused: (error, retry) => {
      const reason = error?.details?.["reason"];
      if (typeof reason !== "string" || !reason.startsWith("identity_") || error?.retryable) return;
      const isRepeated = said === error?.message;
      sayOnce(error?.message ?? reason);
      if (reason === "identity_expired" && !isRepeated) onIdentityExpired();
      if (typeof identity !== "function" || guest) return;
      clearTimeout(timer);
      timer = setTimeout(retry, askAgainMs);
    },
  };
};
