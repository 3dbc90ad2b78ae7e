import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { sessions } from "../../../db/schema/index.ts";
import { transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { checkPassword } from "./password.ts";
import { hashOf, type RefreshToken } from "./refresh-token.ts";
import {
  actingAs,
  type AuthParts,
  type Identity,
  presentSignedIn,
  sessionDays,
  type SignedIn,
  type Visit,
} from "./session.ts";

/** `tenant` is the slug of the workspace; without it the first by name is taken, and the answer lists all. */
type Credentials = { email: string; password: string; tenant?: string | undefined };

// One sentence for an unknown person, a wrong password and a workspace that is not theirs: it tells an outsider nothing.
const refused = () =>
  new Refusal("unauthenticated", "The e-mail address or the password is wrong.", { reason: "credentials" });

/** Whose credentials these are and which workspace they open, or undefined. Takes as long for the one as for the other. */
const identify = async ({ node }: AuthParts, email: string, { password, tenant: slug }: Credentials) => {
  const login = await node.directory.findLogin(email);
  const matches = await checkPassword(password, login?.passwordHash);
  if (!login || !matches) return undefined;
  const tenant = slug === undefined ? login.tenants[0] : login.tenants.find((one) => one.slug === slug);
  return tenant && { user: { id: login.userId, name: login.name, email: login.email }, tenant, tenants: login.tenants };
};

const startSession = async (parts: AuthParts, who: Identity, visit: Visit): Promise<RefreshToken> => {
  const sessionId = uuidv7();
  const token = parts.refreshTokens.issue(who.tenant.id, sessionId);
  await transaction(actingAs(parts, visit, who.tenant, who.user, sessionId), async (tx) => {
    await tx.db.insert(sessions).values({
      tenantId: who.tenant.id,
      id: sessionId,
      userId: who.user.id,
      refreshHash: hashOf(token),
      device: visit.device,
      address: visit.address,
      expiresAt: sql`now() + make_interval(days => ${sessionDays})`,
    });
    await tx.audit("auth.login", sessionId, { after: { device: visit.device } });
  });
  return token;
};

/** Signs a member in and starts a session. Throws Refusal `unauthenticated`, `rate_limited` or `unavailable`. */
export const logIn = async (parts: AuthParts, credentials: Credentials, visit: Visit): Promise<SignedIn> => {
  const email = credentials.email.toLowerCase();
  const attempt = await parts.failedLogins.begin(visit.address, email);
  let signedIn: SignedIn | undefined;
  try {
    const who = await identify(parts, email, credentials);
    signedIn = who && presentSignedIn(parts, who, await startSession(parts, who, visit));
  } catch (error) {
    // A database that is away says nothing about the password.
    await attempt.takeBack();
    throw error;
  }
  if (!signedIn) throw refused();
  await attempt.succeed();
  return signedIn;
};
