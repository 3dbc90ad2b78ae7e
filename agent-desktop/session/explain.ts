import { RestError } from "./rest.ts";

const reasonOf = (error: unknown) => (error instanceof RestError ? error.details["reason"] : undefined);

/** The password was right, and a code is asked for as well. */
export const asksForCode = (error: unknown): boolean => reasonOf(error) === "code_required";

/** What to tell a person about a refused sign-in. The server's own sentence, except where it can't know the situation. */
export const explainSignIn = (error: unknown): string => {
  if (!(error instanceof RestError)) return "Something went wrong in this page. Reload it and try again.";
  if (reasonOf(error) === "code") return "The code is wrong or has been used. Wait for the next one and try again.";
  if (reasonOf(error) === "tenant_suspended") return "This workspace is suspended. Its admins know more.";
  if (error.code === "unauthenticated") return "The e-mail address or the password is wrong.";
  if (error.code === "invalid_payload") return "Check the e-mail address and the password.";
  return error.message;
};

/** The same for a page that signs in with a password somebody chooses or has. */
export const explainJoining = (error: unknown): string => {
  if (error instanceof RestError && error.code === "unauthenticated" && reasonOf(error) === undefined)
    return error.message;
  return error instanceof RestError && error.code === "invalid_payload" ? error.message : explainSignIn(error);
};
