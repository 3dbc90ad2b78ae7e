-- One conversation that somebody holds locked must not hold up a batch, which is everybody's: `append_entries` gets a way to
-- pass over it. Rows, answers and plans are those of the function this one replaces, which explains them, but for:
--
--   waits    whether to wait for conversations that are locked. One caller's own transaction may; the group commit never does.
--   locked   a verdict: the conversation is locked by somebody else, and nothing was done. What may be said without the lock
--            is said all the same: what was stored before, and what its author can't see.
--
-- It locks FOR NO KEY UPDATE, which does not conflict with the locks by which foreign keys are checked: a row that is
-- inserted elsewhere never makes a conversation look locked.
CREATE FUNCTION append_entries(batch json, tenants uuid[], owners uuid[], touched uuid[], waits boolean) RETURNS json
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_sort = off
AS $$
DECLARE
  moment timestamptz(3) := date_trunc('milliseconds', clock_timestamp());
  bucket integer := floor(extract(epoch FROM moment) / 10);
  passed_over uuid[];
  result json;
BEGIN
  PERFORM set_config('app.tenant_ids', tenants::text, true);

  IF waits THEN
    PERFORM
    FROM unnest(owners, touched) AS k(t, c)
    CROSS JOIN LATERAL (
      SELECT FROM conversations c WHERE c.tenant_id = k.t AND c.id >= k.c AND c.id <= k.c
      ORDER BY c.id LIMIT 1 FOR NO KEY UPDATE
    ) locked;
  ELSE
    -- Also holds what does not exist, which is judged before it is looked for here.
    SELECT array_agg(k.c) INTO passed_over
    FROM unnest(owners, touched) AS k(t, c)
    LEFT JOIN LATERAL (
      SELECT c.id FROM conversations c WHERE c.tenant_id = k.t AND c.id >= k.c AND c.id <= k.c
      ORDER BY c.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) locked ON true
    WHERE locked.id IS NULL;
  END IF;

  WITH judged AS MATERIALIZED (
    SELECT input.*, conv.place, conv.status, known.entry,
      CASE input.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END AS base,
      CASE
        WHEN known.entry IS NOT NULL THEN 'known'
        WHEN conv.id IS NULL THEN 'not_found'
        WHEN input.k = 'contact' AND (conv.contact_id IS DISTINCT FROM input.u OR input.a <> 'public') THEN 'not_found'
        WHEN input.k = 'agent' AND conv.assignee_id IS DISTINCT FROM input.u AND NOT (input.x AND conv.kind = 'support')
          AND NOT can_see(conv.row, input.k, input.u, input.x) THEN 'not_found'
        WHEN input.c = ANY(passed_over) THEN 'locked'
        WHEN conv.status = 'archived' THEN 'read_only'
        WHEN input.r > CASE input.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END THEN 'no_target'
        WHEN input.k = 'contact' AND conv.status = 'resolved' THEN 'reopen'
        WHEN input.o THEN 'held'
        WHEN input.k = 'agent' AND input.a = 'public' AND conv.replied_seq > input.s AND EXISTS (
          SELECT FROM entries e
          WHERE e.tenant_id = input.t AND e.conversation_id = input.c AND e.audience = 'public' AND e.seq > input.s
            AND e.kind = 'message' AND e.author_kind = 'agent' AND e.author_id <> input.u
        ) THEN 'held'
        WHEN input.k = 'agent' AND input.a = 'public' AND conv.assignee_id IS NULL AND conv.kind = 'support' AND conv.status <> 'resolved'
          AND input.f IS NOT TRUE THEN 'claim'
        ELSE 'appended'
      END AS verdict
    FROM json_to_recordset(batch)
      AS input(n integer, t uuid, c uuid, a text, k text, u uuid, nm text, ci text, i uuid, b text, r integer, s integer, x boolean, f boolean, o boolean)
    LEFT JOIN LATERAL (
      SELECT own AS row, own.ctid AS place, own.* FROM conversations own
      WHERE own.tenant_id = input.t AND own.id >= input.c AND own.id <= input.c ORDER BY own.id LIMIT 1
    ) conv ON true
    LEFT JOIN LATERAL (
      SELECT present_entry(e) AS entry FROM entries e
      WHERE e.tenant_id = input.t AND e.conversation_id = input.c AND e.author_id = input.u
        AND e.client_id >= input.ci AND e.client_id <= input.ci
      ORDER BY e.client_id LIMIT 1
    ) known ON true
  ),
  placed AS MATERIALIZED (
    SELECT judged.*,
      CASE WHEN verdict = 'appended' THEN base + count(*) FILTER (WHERE verdict = 'appended') OVER arrivals END AS seq,
      CASE WHEN verdict = 'appended' THEN base + count(*) FILTER (WHERE verdict = 'appended') OVER timeline END AS head,
      k = 'contact' AND verdict = 'appended' AND status IN ('pending', 'snoozed') AS woke
    FROM judged
    WINDOW timeline AS (PARTITION BY t, c, a), arrivals AS (PARTITION BY t, c, a ORDER BY n)
  ),
  grown AS MATERIALIZED (
    SELECT t, place,
      max(seq) FILTER (WHERE a = 'public') AS public_seq,
      max(seq) FILTER (WHERE a = 'internal') AS internal_seq,
      max(seq) FILTER (WHERE a = 'public' AND k = 'agent') AS replied_seq,
      max(seq) FILTER (WHERE k = 'contact') AS asked_seq,
      bool_or(woke) AS woke
    FROM placed WHERE verdict = 'appended' GROUP BY t, place
  ),
  bumped AS (
    UPDATE conversations c SET
      public_seq = coalesce(g.public_seq, c.public_seq),
      internal_seq = coalesce(g.internal_seq, c.internal_seq),
      replied_seq = coalesce(g.replied_seq, c.replied_seq),
      waiting_since = CASE
        WHEN g.asked_seq > g.replied_seq THEN moment
        WHEN g.replied_seq IS NOT NULL THEN NULL
        WHEN g.asked_seq IS NOT NULL THEN coalesce(c.waiting_since, moment)
        ELSE c.waiting_since END,
      first_response_at = CASE WHEN g.replied_seq IS NULL THEN c.first_response_at ELSE coalesce(c.first_response_at, moment) END,
      status = CASE WHEN NOT g.woke THEN c.status WHEN c.assignee_id IS NULL THEN 'queued' ELSE 'open' END,
      version = c.version + g.woke::integer,
      active_bucket = bucket,
      updated_at = moment
    FROM grown g
    WHERE c.ctid = g.place AND c.tenant_id = g.t
  ),
  stored AS (
    INSERT INTO entries (tenant_id, conversation_id, audience, seq, id, kind, author_kind, author_id, author_name, client_id,
      body, reply_to_seq, created_at)
    SELECT t, c, a, seq, i, 'message', k, u, nm, ci, b, r, moment FROM placed WHERE verdict = 'appended'
  )
  SELECT json_build_object(
    'at', wire_time(moment),
    'rows', json_agg(json_build_array(n, verdict, seq, head, woke, entry))
  ) INTO result FROM placed;
  RETURN result;
END
$$;
--> statement-breakpoint
-- The same for a caller who may wait, and for nodes of the version before, which know no `locked`.
CREATE OR REPLACE FUNCTION append_entries(batch json, tenants uuid[], owners uuid[], touched uuid[]) RETURNS json LANGUAGE sql
AS $$ SELECT append_entries(batch, tenants, owners, touched, true) $$;
--> statement-breakpoint
-- Moves receipts forward, a batch at a time. Rows: n, t, c, a, k, u, x as in `append_entries`, `d` delivered and `r` read seq.
-- Answers [[n, found, delivered, read, moved, locked], ...]; cursors never pass the head and never go back. `locked`: somebody
-- else holds the receipt, or the conversation of a new one, and nothing was done. NULL: there is nothing to move.
CREATE OR REPLACE FUNCTION record_receipts(batch json, tenants uuid[]) RETURNS json
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_mergejoin = off
SET enable_sort = off
AS $$
DECLARE
  result json;
BEGIN
  PERFORM set_config('app.tenant_ids', tenants::text, true);
  WITH judged AS MATERIALIZED (
    SELECT input.*, c.id IS NOT NULL AS visible, moves.delivered, moves.seen,
      CASE
        WHEN c.id IS NULL OR held.delivered_seq >= moves.delivered AND held.read_seq >= moves.seen THEN NULL
        -- A new receipt needs what its foreign key locks.
        WHEN held.delivered_seq IS NULL THEN (
          SELECT true FROM conversations k WHERE k.tenant_id = input.t AND k.id >= input.c AND k.id <= input.c
          ORDER BY k.id LIMIT 1 FOR KEY SHARE SKIP LOCKED
        ) IS NULL
        ELSE (
          SELECT true FROM receipts k WHERE k.tenant_id = input.t AND k.conversation_id = input.c AND k.actor_id = input.u
            AND k.audience >= input.a AND k.audience <= input.a
          ORDER BY k.audience LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        ) IS NULL
      END AS locked
    FROM json_to_recordset(batch)
      AS input(n integer, t uuid, c uuid, a text, k text, u uuid, x boolean, d bigint, r bigint)
    LEFT JOIN LATERAL (
      SELECT conv.id, CASE input.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END AS head
      FROM conversations conv
      WHERE conv.tenant_id = input.t AND conv.id >= input.c AND conv.id <= input.c
        AND can_see(conv, input.k, input.u, input.x) AND (input.a = 'public' OR input.k <> 'contact')
      ORDER BY conv.id LIMIT 1
    ) c ON true
    CROSS JOIN LATERAL (
      SELECT least(greatest(input.d, input.r, 0), c.head) AS delivered, least(coalesce(input.r, 0), c.head) AS seen
    ) moves
    LEFT JOIN LATERAL (
      SELECT own.delivered_seq, own.read_seq FROM receipts own
      WHERE own.tenant_id = input.t AND own.conversation_id = input.c AND own.actor_id = input.u
        AND own.audience >= input.a AND own.audience <= input.a
      ORDER BY own.audience LIMIT 1
    ) held ON true
  ),
  moved AS (
    INSERT INTO receipts (tenant_id, conversation_id, audience, actor_kind, actor_id, delivered_seq, read_seq)
    SELECT t, c, a, min(k), u, max(delivered), max(seen)
    FROM judged WHERE visible AND NOT locked GROUP BY t, c, a, u ORDER BY t, c, u, a
    ON CONFLICT (tenant_id, conversation_id, actor_id, audience) DO UPDATE SET
      delivered_seq = greatest(receipts.delivered_seq, excluded.delivered_seq),
      read_seq = greatest(receipts.read_seq, excluded.read_seq)
    WHERE receipts.delivered_seq < excluded.delivered_seq OR receipts.read_seq < excluded.read_seq
    RETURNING tenant_id, conversation_id, audience, actor_id, delivered_seq, read_seq
  )
  SELECT json_agg(json_build_array(j.n, j.visible, m.delivered_seq, m.read_seq, m.actor_id IS NOT NULL, j.locked)) INTO result
  FROM judged j
  LEFT JOIN moved m ON m.tenant_id = j.t AND m.conversation_id = j.c AND m.audience = j.a AND m.actor_id = j.u;
  RETURN result;
END
$$;
