import { sql } from "drizzle-orm";
import { placesByDatabase } from "../../../db/tenancy.ts";
import type { Deps } from "../../deps.ts";
import { identitySecretId } from "./secret.ts";

/** What a visitor was let in by: an inbox, the origin of the page that embeds it, and the secret that says who they are. */
export type Admission = { tenantId: string; inboxId: string; origin: string; secretId?: string };
export type WithdrawnReason = "inbox_archived" | "origin_removed" | "identity_secret_removed";

type Inbox = { open: boolean; origins: string[]; secrets: string[] };

const reasonOf = ({ origin, secretId }: Admission, inbox: Inbox): WithdrawnReason | undefined => {
  if (!inbox.open) return "inbox_archived";
  if (!inbox.origins.includes(origin)) return "origin_removed";
  if (secretId !== undefined && !inbox.secrets.some((secret) => identitySecretId(secret) === secretId))
    return "identity_secret_removed";
  return undefined;
};

/** Which of these would no longer be let in, and why: one query per database, however many visitors a node has. */
export const listWithdrawn = async <A extends Admission>(
  deps: Pick<Deps, "tenancy">,
  admissions: A[],
): Promise<(A & { reason: WithdrawnReason })[]> => {
  const asked = [...new Map(admissions.map((one) => [one.inboxId, one])).values()];
  const inboxes = new Map<string, Inbox>();
  for (const [database, places] of placesByDatabase(deps.tenancy, asked)) {
    const here = places.map((place) => asked[place]!);
    const tenantIds = here.map(({ tenantId }) => tenantId);
    const { rows } = await deps.tenancy.withTenants(database, [...new Set(tenantIds)], (db) =>
      db.execute<Inbox & { id: string }>(sql`
        SELECT i.id, i.allowed_origins AS origins, i.identity_secrets AS secrets,
          EXISTS (SELECT FROM inbox_keys k WHERE k.key = i.key AND k.tenant_id = i.tenant_id) AS open
        FROM unnest(${sql.param(tenantIds)}::uuid[], ${sql.param(here.map(({ inboxId }) => inboxId))}::uuid[])
          AS asked(tenant_id, inbox_id)
        JOIN inboxes i ON i.tenant_id = asked.tenant_id AND i.id = asked.inbox_id`),
    );
    for (const { id, ...inbox } of rows) inboxes.set(id, inbox);
  }
  const gone: Inbox = { open: false, origins: [], secrets: [] };
  return admissions.flatMap((one) => {
    const reason = reasonOf(one, inboxes.get(one.inboxId) ?? gone);
    return reason ? [{ ...one, reason }] : [];
  });
};
