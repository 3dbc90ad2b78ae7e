import { v7 as uuidv7 } from "uuid";
import { databaseErrorCode } from "../../../db/client.ts";
import type { Login } from "../../../db/directory.ts";
import { users } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { PlanName } from "../../contract/plans.ts";
import { resetLink } from "../auth/reset-token.ts";
import { linkTo } from "../mail/link.ts";
import { mailAdmins, type Notice } from "../tenant/mail-admins.ts";
import { insertWorkspace } from "../tenant/create.ts";
import { ensureStaff, staffTransaction, type StaffTx } from "./access.ts";
import { presentPlatformTenant } from "./present.ts";

type Payload = {
  name: string;
  slug: string;
  plan: PlanName;
  trialDays?: number | undefined;
  timeZone?: string | undefined;
  owner: { email: string; name: string };
};

const uniqueViolation = "23505";
const invitationSeconds = 7 * 86_400;

const invitation = (workspace: string, action: NonNullable<Notice["letter"]["action"]>): Notice => ({
  kind: "workspace_created",
  subject: `Your workspace ${workspace} is ready`,
  letter: { paragraphs: [`The workspace ${workspace} has been made for you, and you are its admin.`], action },
});

/** A login for an owner who has none yet: without a password, which they choose by the link they are mailed. */
const insertLogin = async (tx: StaffTx, login: { id: string; email: string; name: string }): Promise<void> => {
  try {
    await tx.db.insert(users).values(login);
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw new Refusal("conflict", "Somebody is signing up with this e-mail address right now. Please try again.");
  }
};

/** Whoever signs up first with somebody's address must not be handed what is made for that somebody. */
const ensureOwn = (login: Login | undefined): void => {
  if (!login?.passwordHash || login.emailConfirmedAt) return;
  throw new Refusal(
    "conflict",
    "Somebody has signed up with this e-mail address and never confirmed it. Ask them to confirm it, or to choose a new password by mail, and try again.",
  );
};

/**
 * Makes a workspace for a customer. The owner keeps the login they have, or is mailed a link to choose a password. Throws
 * Refusal `conflict` for a short name that is taken, or an owner who never showed that the address is theirs.
 */
export const createPlatformTenant = async (ctx: AgentCtx, payload: Payload) => {
  const { name, slug, plan, trialDays, timeZone } = payload;
  const { node } = ctx;
  await ensureStaff(ctx);
  const email = payload.owner.email.toLowerCase();
  const login = await node.directory.findLogin(email);
  ensureOwn(login);
  const owner = { id: login?.userId ?? uuidv7(), name: login?.name ?? payload.owner.name, email };
  const id = uuidv7();
  const action = login?.passwordHash
    ? { label: "Sign in", url: linkTo(node.config, "") }
    : {
        label: "Choose a password",
        url: resetLink(node.config, { userId: owner.id, passwordHash: null }, invitationSeconds),
      };
  return staffTransaction(ctx, id, async (tx) => {
    if (!login) await insertLogin(tx, owner);
    const by = { kind: "platform", id: ctx.actor.id };
    await insertWorkspace(tx.db, { id, slug, name, plan, trialDays, timeZone, ownerId: owner.id, by });
    await tx.audit("tenant.create", id, { after: { name, slug, plan, trialDays, ownerId: owner.id } });
    await mailAdmins(tx, id, invitation(name, action));
    return { tenant: await presentPlatformTenant(tx.db, id), owner };
  });
};
