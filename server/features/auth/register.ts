import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { databaseErrorCode } from "../../../db/client.ts";
import type { Login } from "../../../db/directory.ts";
import { inboxes, users } from "../../../db/schema/index.ts";
import { transaction, type Tx } from "../../context.ts";
import { trialDays, trialPlan } from "../../contract/plans.ts";
import { Refusal } from "../../contract/errors.ts";
import { queueMail } from "../mail/queue.ts";
import { insertWorkspace } from "../tenant/create.ts";
import { ensureSlugFree } from "../tenant/slug.ts";
import { confirmLink } from "./confirm-token.ts";
import { knownAddressMail, welcomeMail } from "./mails.ts";
import { checkPassword, hashPassword } from "./password.ts";
import { countAttempt, holdProven, proveCode, wrongCredentials } from "./prove.ts";
import {
  actingAs,
  type AuthParts,
  type Identity,
  insertSession,
  newSession,
  presentSignedIn,
  type SignedIn,
  type Visit,
} from "./session.ts";

type SignUp = {
  email: string;
  password: string;
  name: string;
  workspace: { name: string; slug: string };
  code?: string | undefined;
  /** Scheme and host the request was sent to. */
  origin: string;
};
/** `passwordHash`: of a login that is yet to be written; `login`: one that stands, as it was proven. */
type Owner = Identity["user"] & { passwordHash?: string; login?: Login; tenants: Identity["tenants"] };

class AddressTaken extends Error {}

/** Tells the owner of an address that somebody tried to sign up with it; at most a few times an hour. */
const warnOwner = async ({ node, failedLogins }: AuthParts, { email, userId }: Login) => {
  const [tenantId] = await node.directory.listTenantsOf(userId);
  if (tenantId === undefined || !(await failedLogins.mayMail("register_attempted", email))) return;
  await node.tenancy.withTenant(tenantId, (db) => queueMail({ db }, tenantId, knownAddressMail(node.config, email)));
};

/** Who will own the workspace: the login of this address if its password is right, or a new one. */
const findOwner = async (
  parts: AuthParts,
  email: string,
  { password, name, code }: SignUp,
  { address }: Visit,
): Promise<Owner> => {
  const login = await parts.node.directory.findLogin(email);
  if (!login)
    return { id: uuidv7(), name, email, passwordHash: await hashPassword(password, { address, email }), tenants: [] };
  if (!(await checkPassword(password, login.passwordHash, { address, email }))) {
    await warnOwner(parts, login);
    throw wrongCredentials();
  }
  await proveCode(parts, login, code);
  return { id: login.userId, name: login.name, email: login.email, login, tenants: login.tenants };
};

const insertUser = async (tx: Tx, { id, name, email, passwordHash }: Owner) => {
  try {
    await tx.db.insert(users).values({ id, name, email, passwordHash });
  } catch (error) {
    // Somebody signed up with this address a moment ago.
    if (databaseErrorCode(error) === "23505") throw new AddressTaken();
    throw error;
  }
};

/** Where the demo shop is, for somebody who reaches us at `origin`: this machine has two names. */
const shopOrigins = (origin: string): string[] => {
  if (!URL.canParse(origin)) return [];
  const here = new URL(origin);
  const names = ["localhost", "127.0.0.1"];
  const hosts = names.includes(here.hostname) ? names : [here.hostname];
  return hosts.map((host) => `${here.protocol}//${host}${here.port && `:${here.port}`}`);
};

const writeAll = async (
  parts: AuthParts,
  { tenants, ...owner }: Owner,
  { origin, workspace: { name, slug } }: SignUp,
  visit: Visit,
) => {
  const { config } = parts.node;
  const tenant = { id: uuidv7(), name, slug };
  const user = { id: owner.id, name: owner.name, email: owner.email };
  const token = newSession(parts, tenant.id);
  await transaction(actingAs(parts, visit, tenant, user, token.sessionId), async (tx) => {
    if (owner.passwordHash !== undefined) await insertUser(tx, { ...owner, tenants });
    await insertWorkspace(tx.db, {
      ...tenant,
      plan: trialPlan,
      trialDays,
      ownerId: user.id,
      by: { kind: "agent", id: user.id },
    });
    // The demo shop shows any inbox: the first one of a new workspace may be tried there at once.
    if (config.DEMO)
      await tx.db
        .update(inboxes)
        .set({ allowedOrigins: shopOrigins(config.PUBLIC_URL ?? origin) })
        .where(eq(inboxes.tenantId, tenant.id));
    if (owner.login) await holdProven(tx, owner.login);
    await insertSession(tx, token, user.id, visit);
    await tx.audit("auth.register", tenant.id, { after: { name, slug, plan: trialPlan, device: visit.device } });
    const link = owner.login?.emailConfirmedAt
      ? undefined
      : confirmLink(config, { userId: user.id, email: user.email });
    await queueMail(tx, tenant.id, welcomeMail(config, user.email, slug, link));
  });
  const all = [...tenants, tenant].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return presentSignedIn(parts, { user, tenant, tenants: all }, token);
};

/**
 * Makes a workspace on trial, with its owner, built-in roles, a department and an inbox, in one transaction, and signs the
 * owner in. An address that has a login already takes that login's password, and gains a workspace. Throws Refusal
 * `conflict` for a short name that is taken, `unauthenticated` as a login does, `rate_limited`, `unavailable`.
 */
export const register = async (parts: AuthParts, signUp: SignUp, visit: Visit): Promise<SignedIn> => {
  const email = signUp.email.toLowerCase();
  await parts.failedLogins.countVisit("signUp", visit.address);
  // Said first, so that a short name which is taken is no free way to try out which addresses are known.
  await ensureSlugFree(parts.node.directory, signUp.workspace.slug);
  const probe = await parts.failedLogins.beginSignUp(visit.address);
  let isKnown = false;
  const work = async () => {
    const owner = await findOwner(parts, email, signUp, visit);
    try {
      return await writeAll(parts, owner, signUp, visit);
    } catch (error) {
      if (!(error instanceof AddressTaken)) throw error;
      return writeAll(parts, await findOwner(parts, email, signUp, visit), signUp, visit);
    }
  };
  try {
    return await countAttempt(parts, visit, email, work);
  } catch (error) {
    isKnown = error instanceof Refusal && error.details?.["reason"] === "credentials";
    throw error;
  } finally {
    if (!isKnown) await probe.takeBack();
  }
};
