import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { contacts } from "../../../db/schema/index.ts";
import type { ContactActor } from "../../context.ts";
import type { WidgetAuth } from "../../contract/widget.ts";
import type { Deps } from "../../deps.ts";
import { checkIdentity } from "../../identity-token.ts";
import type { Inbox } from "../inbox/access.ts";
import { identitySecretId } from "../inbox/secret.ts";

/**
 * Who is at the widget, and the token that brings an anonymous visitor back. `isNew`: nobody has seen this visitor before.
 * `secretId`: of the secret that says who they are.
 */
export type Identified = {
  actor: ContactActor;
  visitorToken: string;
  isNew: boolean;
  secretId?: string;
  email?: string;
};

/**
 * The visitor a token of this inbox stands for, on pages of the origin it was handed out to. A token that does not check out makes a new visitor, never an error.
 */
const visitorOf = (deps: Deps, inbox: Inbox, origin: string, token: string | undefined): string | undefined => {
  if (token === undefined) return undefined;
  try {
    const claims = deps.tokens.checkVisitor(token, origin);
    return claims.tid === inbox.tenant.id && claims.inb === inbox.id ? claims.sub : undefined;
  } catch {
    deps.metrics.violations.inc({ kind: "visitor_token" });
    return undefined;
  }
};

/**
 * With an identity token: the verified contact it names, made on first sight. The anonymous visitor of the same browser
 * stays who they were: what was written before signing in is never shown to whoever signs in on a shared computer.
 * Without one: the visitor of the token, or a new one, who is no row before they start a conversation.
 */
export const identifyContact = async (
  deps: Deps,
  inbox: Inbox,
  { origin, ...auth }: WidgetAuth & { origin: string },
): Promise<Identified> => {
  const returning = visitorOf(deps, inbox, origin, auth.visitorToken);
  const visitorId = returning ?? uuidv7();
  const visitorToken = deps.tokens.signVisitor({ sub: visitorId, tid: inbox.tenant.id, inb: inbox.id }, origin);
  if (auth.identityToken === undefined)
    return {
      actor: { kind: "contact", id: visitorId, verified: false, inboxId: inbox.id },
      visitorToken,
      isNew: returning === undefined,
    };
  const { sub, name, email, secret } = checkIdentity(auth.identityToken, inbox.identitySecrets);
  const [row] = await deps.tenancy.withTenant(inbox.tenant.id, (db) =>
    db
      .insert(contacts)
      .values({
        tenantId: inbox.tenant.id,
        id: uuidv7(),
        inboxId: inbox.id,
        externalId: sub,
        name,
        email,
        verified: true,
      })
      .onConflictDoUpdate({
        target: [contacts.tenantId, contacts.inboxId, contacts.externalId],
        set: {
          name: sql`coalesce(excluded.name, contacts.name)`,
          email: sql`coalesce(excluded.email, contacts.email)`,
          lastSeenAt: sql`now()`,
        },
      })
      .returning({ id: contacts.id, name: contacts.name, email: contacts.email }),
  );
  return {
    actor: {
      kind: "contact",
      id: row!.id,
      ...(row!.name !== null && { name: row!.name }),
      verified: true,
      inboxId: inbox.id,
    },
    visitorToken,
    isNew: false,
    secretId: identitySecretId(secret),
    ...(row!.email !== null && { email: row!.email }),
  };
};
