import { mailedToken } from "./mailed-token.ts";

/** Shows that whoever holds it reads the mail of the login's address: that address, and no other it may have later. */
export const {
  issue: issueConfirmToken,
  link: confirmLink,
  loginOf: loginOfConfirmToken,
} = mailedToken<"email">({
  purpose: "confirm-email",
  page: "confirm-email",
  seconds: 7 * 86_400,
  boundTo: ({ email }) => email,
});
