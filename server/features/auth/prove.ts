import { sql } from "drizzle-orm";
import type { Login } from "../../../db/directory.ts";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { checkPassword } from "./password.ts";
import { spendCode } from "./second-factor.ts";
import type { AuthParts, Visit } from "./session.ts";

/** A login as its password was shown. */
export type Proven = Pick<Login, "userId" | "passwordHash">;
type Code = "unauthenticated" | "permission_denied";

// One sentence for an unknown person, a wrong password and a workspace that is not theirs: it tells an outsider nothing.
export const wrongCredentials = (): Refusal =>
  new Refusal("unauthenticated", "The e-mail address or the password is wrong.", { reason: "credentials" });

/**
 * Counts `work` as a failed attempt of the person when it refuses their credentials, and forgives earlier ones when it
 * answers. Whatever else it throws, such as a database that is away, says nothing about the password.
 */
export const countAttempt = async <T>(
  { failedLogins }: AuthParts,
  { address }: Pick<Visit, "address">,
  email: string,
  work: () => Promise<T>,
  options?: { signedIn: boolean },
): Promise<T> => {
  const attempt = await failedLogins.begin(address, email, options);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    const reason = error instanceof Refusal ? error.details?.["reason"] : undefined;
    if (reason !== "credentials" && reason !== "code") await attempt.takeBack();
    throw error;
  }
  await attempt.succeed();
  return result;
};

/** Asks for the second factor where one is set up; its failures count by themselves, from wherever they come. */
export const proveCode = async (
  { node, failedLogins }: AuthParts,
  login: Login,
  code: string | undefined,
  refusal: Code = "unauthenticated",
): Promise<void> => {
  if (login.totpConfirmedAt === null) return;
  if (code === undefined)
    throw new Refusal(refusal, "Please enter the code from your authenticator app, or a recovery code.", {
      reason: "code_required",
    });
  const attempt = await failedLogins.beginCode(login.userId, login.passwordHash ?? "");
  const good = await spendCode(node, login, code).catch(async (error: unknown) => {
    await attempt.takeBack();
    throw error;
  });
  if (!good)
    throw new Refusal(refusal, "That code is wrong or was used already. Please enter the next one the app shows.", {
      reason: "code",
    });
  await attempt.succeed();
};

/**
 * Keeps a login that was proven as it is until the transaction ends. Hashing takes its time: a password that was changed
 * meanwhile has ended all sessions, so none may begin by the old one. Throws what `overtaken` makes.
 */
export const holdProven = async (
  { db }: Pick<Tx, "db">,
  { userId, passwordHash }: Proven,
  overtaken: () => Refusal = wrongCredentials,
): Promise<void> => {
  const { rowCount } = await db.execute(sql`
    SELECT FROM users WHERE id = ${userId} AND password_hash IS NOT DISTINCT FROM ${passwordHash} FOR SHARE`);
  if (rowCount !== 1) throw overtaken();
};

/** The login of this address if the password is its own. Throws Refusal `unauthenticated`, with as much work for somebody unknown. */
export const findByPassword = async (
  { directory }: Pick<AuthParts["node"], "directory">,
  { email, password }: { email: string; password: string },
  { address }: Pick<Visit, "address">,
): Promise<Login> => {
  let login: Login | undefined;
  const find = async () => (login = await directory.findLogin(email))?.passwordHash;
  if (!(await checkPassword(password, find, { address, email })) || !login) throw wrongCredentials();
  return login;
};

/**
 * The login that these credentials are of, by password and second factor; for somebody unknown it takes as long. Throws
 * Refusal `unauthenticated` with `details.reason` `credentials`, `code_required` or `code`, `rate_limited` or `unavailable`.
 */
export const proveLogin = (
  parts: AuthParts,
  { email, password, code }: { email: string; password: string; code?: string | undefined },
  visit: Pick<Visit, "address">,
): Promise<Login> =>
  countAttempt(parts, visit, email.toLowerCase(), async () => {
    const login = await findByPassword(parts.node, { email: email.toLowerCase(), password }, visit);
    await proveCode(parts, login, code);
    return login;
  });

/**
 * Has somebody who is signed in show their password once more, and with `askCode` their second factor where they have one.
 * Throws Refusal `permission_denied` with `details.reason` `credentials`, `code_required` or `code`: it is the act that is
 * refused, and not the session.
 */
export const provePerson = async (
  parts: AuthParts,
  ctx: AgentCtx,
  { password, code }: { password: string; code?: string | undefined },
  { askCode }: { askCode: boolean },
): Promise<Login> => {
  const login = await parts.node.directory.findLoginById(ctx.actor.id);
  if (!login) throw new Refusal("not_found", "This login no longer exists.");
  const prove = async () => {
    if (!(await checkPassword(password, login.passwordHash, { address: ctx.address, email: login.email })))
      throw new Refusal("permission_denied", "The password is wrong.", { reason: "credentials" });
    if (askCode) await proveCode(parts, login, code, "permission_denied");
    return login;
  };
  return countAttempt(parts, { address: ctx.address ?? "" }, login.email, prove, { signedIn: true });
};
