import type pg from "pg";
import type { Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import { check, report } from "./checker.ts";
import type { Evidence, FreshView, Tables } from "./checker.ts";
import { keyOf } from "./recording.ts";
import type { Speaker } from "./speaker.ts";
import { CommandFailed } from "./virtual-client.ts";
import type { VirtualClient } from "./virtual-client.ts";

/** A speaker whose recording can be judged: it can be asked for a second socket of the same person. */
export type Witness = Speaker & { again: () => VirtualClient };

/** Every row the checker asks about, read with a superuser's eyes. */
export const readTables = async (superuser: pg.Pool): Promise<Tables> => {
  const [entries, heads, versions, owners] = await Promise.all([
    superuser.query(
      `SELECT tenant_id AS "tenantId", conversation_id AS "conversationId", audience, seq, id, kind, author_id AS "authorId",
         client_id AS "clientId", body, edited_at IS NOT NULL OR deleted_at IS NOT NULL AS changed FROM entries`,
    ),
    superuser.query(
      `SELECT id AS "conversationId", 'public' AS audience, public_seq AS "headSeq" FROM conversations
       UNION ALL SELECT id, 'internal', internal_seq FROM conversations`,
    ),
    superuser.query<{ id: string; version: number }>("SELECT id, version FROM conversations"),
    superuser.query<{ id: string; owner: string }>(
      // Users are left out: one person may belong to several tenants.
      `SELECT id, id AS owner FROM tenants
       UNION ALL SELECT id, tenant_id FROM conversations UNION ALL SELECT id, tenant_id FROM entries
       UNION ALL SELECT id, tenant_id FROM contacts UNION ALL SELECT id, tenant_id FROM inboxes
       UNION ALL SELECT id, tenant_id FROM departments UNION ALL SELECT id, tenant_id FROM sessions
       UNION ALL SELECT user_id, (array_agg(tenant_id))[1] FROM memberships GROUP BY user_id HAVING count(*) = 1`,
    ),
  ]);
  return {
    entries: entries.rows,
    heads: heads.rows,
    versions: new Map(versions.rows.map(({ id, version }) => [id, version])),
    owners: new Map(owners.rows.map(({ id, owner }) => [id, owner])),
  };
};

/** A whole timeline over the wire, from its end to its beginning. */
const fetchTimeline = async (
  client: VirtualClient,
  conversationId: string,
  audience: Audience,
  newest: Entry[],
  headSeq: number,
) => {
  let entries = newest;
  while (entries.length > 0 ? entries[0]!.seq > 1 : headSeq > 0) {
    const beforeSeq = entries[0]?.seq ?? headSeq + 1;
    const page = await client.insist<{ entries: Entry[] }>("conversation:history", {
      conversationId,
      audience,
      beforeSeq,
      limit: 100,
    });
    if (page.entries.length === 0) break;
    entries = [...page.entries, ...entries];
  }
  return entries;
};

/** What a new socket of the same person is shown: `conversation:open` and `conversation:history`, nothing live. */
export const fetchFresh = async (witness: Witness): Promise<FreshView> => {
  const client = witness.again();
  const view: FreshView = { timelines: new Map(), conversations: new Map() };
  try {
    await client.connect();
    for (const conversationId of witness.following) {
      const opened = await client
        .insist<{ conversation: Conversation; entries: Entry[] }>("conversation:open", { conversationId, limit: 100 })
        .catch((error: unknown) => {
          if (error instanceof CommandFailed && error.error.code === "not_found") return undefined;
          throw error;
        });
      if (!opened) continue;
      const { conversation, entries } = opened;
      view.conversations.set(conversationId, conversation);
      for (const audience of ["public", "internal"] as const) {
        const headSeq = audience === "public" ? conversation.publicSeq : (conversation.internalSeq ?? 0);
        const newest = entries.filter((entry) => entry.audience === audience).toSorted((a, b) => a.seq - b.seq);
        const whole = await fetchTimeline(client, conversationId, audience, newest, headSeq);
        if (whole.length > 0) view.timelines.set(keyOf(conversationId, audience), whole);
      }
    }
  } finally {
    client.close();
  }
  return view;
};

const inBatches = async <T, R>(list: T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += size)
    results.push(...(await Promise.all(list.slice(at, at + size).map(work))));
  return results;
};

// What healing may take: a node tells heads every few hundred milliseconds in these tests, but machines are slow.
const healingMs = 20_000;

/**
 * Waits until a witness shows and knows what the tables hold, without asking for anything: what was committed must reach
 * whoever is connected. What does not arrive in time is left for the checker to report.
 */
const awaitHealing = async (witness: Witness, tables: Tables): Promise<void> => {
  const followed = new Set(witness.following);
  const heads = tables.heads.filter(
    ({ conversationId, audience }) =>
      followed.has(conversationId) && (audience === "public" || witness.recording.actor.kind !== "contact"),
  );
  await witness.reaches(heads, tables.versions, healingMs).catch(() => {});
};

/** Lets every witness come to rest, then gathers what they recorded, what the tables hold and what is fetched anew. */
export const gatherEvidence = async (superuser: pg.Pool, witnesses: Witness[]): Promise<Evidence> => {
  await Promise.all(witnesses.map((witness) => witness.settle()));
  const tables = await readTables(superuser);
  await Promise.all(witnesses.map((witness) => awaitHealing(witness, tables)));
  const fresh = new Map(
    await inBatches(witnesses, 20, async (witness) => [witness.recording.client, await fetchFresh(witness)] as const),
  );
  return { recordings: witnesses.map(({ recording }) => recording), tables, fresh };
};

/** How every fault test ends. Throws the checker's report when a promise was broken; returns it otherwise. */
export const expectNothingLost = async (superuser: pg.Pool, witnesses: Witness[]): Promise<string> => {
  const evidence = await gatherEvidence(superuser, witnesses);
  const violations = check(evidence);
  const text = report(violations, evidence);
  if (violations.length > 0) throw new Error(text);
  return text;
};
