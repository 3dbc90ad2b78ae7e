import { and, eq, isNull, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import * as v from "valibot";
import { databaseErrorCode } from "../../../db/client.ts";
import type { Login } from "../../../db/directory.ts";
import { memberships, users } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { NewPassword } from "../../contract/rest.ts";
import { changeDepartments } from "../agent/belong.ts";
import { hashPassword } from "../auth/password.ts";
import { holdProven, type Proven, proveLogin } from "../auth/prove.ts";
import {
  actingAs,
  type AuthParts,
  insertSession,
  newSession,
  presentSignedIn,
  type SignedIn,
  type Visit,
} from "../auth/session.ts";
import { writeConfirmed } from "../auth/write-confirmed.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { accessInvitation, type Invited, parseToken } from "./access.ts";

type Body = { token: string; name?: string | undefined; password: string; code?: string | undefined };

/**
 * Who accepts: a login there is, as it was `proven`, or one that is yet to be made; `passwordHash` is what it is to open with
 * from now on.
 */
type Person = { id: string; name: string; email: string; isNew: boolean; passwordHash?: string; proven?: Proven };

const uniqueViolation = "23505";
const hasLogin = () =>
  new Refusal("conflict", "A login for this address was made a moment ago. Please accept with its password.");

/** Somebody who is new here, by the name and the password they choose. Throws Refusal `invalid_payload`. */
const newPerson = async (
  email: string,
  { name, password }: Body,
  login: Login | undefined,
  { address }: Visit,
): Promise<Person> => {
  if (!v.is(NewPassword, password))
    throw new Refusal("invalid_payload", "body.password: Please choose one of at least 10 characters.");
  const called = name ?? login?.name;
  if (called === undefined) throw new Refusal("invalid_payload", "body.name: is missing");
  return {
    id: login?.userId ?? uuidv7(),
    name: called,
    email,
    isNew: !login,
    passwordHash: await hashPassword(password, { address, email }),
  };
};

const writePerson = async (tx: Tx, { id, name, email, isNew, passwordHash }: Person): Promise<void> => {
  if (!isNew) return;
  await tx.db
    .insert(users)
    .values({ id, name, email, passwordHash })
    .catch((error: unknown) => {
      if (databaseErrorCode(error) !== uniqueViolation) throw error;
      throw hasLogin();
    });
};

/** Of somebody whose login was made for them and never used; a second invitation may have been accepted meanwhile. */
const choosePassword = async (tx: Tx, { id, name, passwordHash }: Person): Promise<void> => {
  const { rowCount } = await tx.db
    .update(users)
    .set({ name, passwordHash, passwordChangedAt: sql`now()` })
    .where(and(eq(users.id, id), isNull(users.passwordHash)));
  if (rowCount !== 1) throw hasLogin();
};

/** Makes the person a member as it was promised: the role, and of the departments those that still take conversations. */
const join = async (ctx: AgentCtx, tx: Tx, { tenant, role, departmentIds }: Invited, person: Person) => {
  await writePerson(tx, person);
  // Away until they say otherwise: who comes to look around is not to be given conversations.
  const values = { tenantId: tenant.id, userId: person.id, role: role.key, availability: "away" as const };
  const added = await tx.db
    .insert(memberships)
    .values(values)
    .onConflictDoNothing()
    .returning({ id: memberships.userId });
  if (added.length === 0) throw new Refusal("conflict", "You are a member of this workspace already. Please sign in.");
  // Only now it is one of the tenant's logins, so that it may be changed and held. The token was mailed to this address, and
  // nowhere else. This comes before the hold: two that share it and both want to write would wait for each other.
  await writeConfirmed(tx.db, person.id);
  if (person.proven) await holdProven(tx, person.proven);
  else if (!person.isNew) await choosePassword(tx, person);
  const { rows } = await tx.db.execute<{ id: string }>(sql`
    SELECT id FROM departments
    WHERE tenant_id = ${tenant.id} AND id = ANY(${sql.param(departmentIds)}::uuid[]) AND archived_at IS NULL`);
  await changeDepartments(ctx, tx, person.id, { join: rows.map(({ id }) => id), leave: [] });
};

/**
 * Makes the invited person a member and signs them in. A login there is shows its password, and its second factor; others
 * choose a name and a password. That they hold the token proves the address, and confirms it. Throws Refusal `not_found`,
 * `conflict`, `limit_exceeded` (the workspace has shrunk its plan since), `invalid_payload`, or as `proveLogin` does.
 */
export const acceptInvitation = async (parts: AuthParts, body: Body, visit: Visit): Promise<SignedIn> => {
  const { node } = parts;
  const token = parseToken(body.token, visit);
  const { email, tenant } = await node.tenancy.withTenant(token.tenantId, (db) =>
    accessInvitation(db, token, { lock: false }),
  );
  const known = await node.directory.findLogin(email);
  // A login without a password was made for somebody and has never been used.
  const login =
    known && known.passwordHash !== null
      ? await proveLogin(parts, { email, password: body.password, code: body.code }, visit)
      : undefined;
  const person: Person = login
    ? { id: login.userId, name: login.name, email, isNew: false, proven: login }
    : await newPerson(email, body, known, visit);

  const session = newSession(parts, tenant.id);
  const ctx = actingAs(parts, visit, tenant, person, session.sessionId);
  await transaction(ctx, async (tx) => {
    // The seat was kept by the invitation, unless the plan has become too small for those who are here.
    await ensureWithin(ctx, tx, "agents", 0);
    const invited = await accessInvitation(tx.db, token, { lock: true });
    await join(ctx, tx, invited, person);
    await tx.db.execute(sql`
      UPDATE invitations SET accepted_at = now() WHERE tenant_id = ${tenant.id} AND id = ${invited.id}`);
    await insertSession(tx, session, person.id, visit);
    await tx.audit("invitation.accept", invited.id, {
      after: { userId: person.id, email, role: invited.role.key, departmentIds: invited.departmentIds },
    });
    await tx.audit("auth.login", session.sessionId, { after: { device: visit.device } });
  });
  const tenants = [...(known?.tenants ?? []), tenant].toSorted((a, b) => a.name.localeCompare(b.name));
  return presentSignedIn(parts, { user: { id: person.id, name: person.name, email }, tenant, tenants }, session);
};
