import { mailedToken } from "./mailed-token.ts";

/**
 * Lets its holder choose the login's password, once. The present hash is in what is signed: once another password is set,
 * no link sent before it opens anything, and nothing need be stored for that.
 */
export const {
  issue: issueResetToken,
  link: resetLink,
  loginOf: loginOfResetToken,
} = mailedToken<"passwordHash">({
  purpose: "reset",
  page: "reset-password",
  seconds: 3_600,
  boundTo: ({ passwordHash }) => passwordHash ?? "",
});
