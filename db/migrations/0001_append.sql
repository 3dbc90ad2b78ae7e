-- Room on each page for the next version of a row, so that the counter update of every message stays heap-only.
ALTER TABLE conversations SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE receipts SET (fillfactor = 60);
--> statement-breakpoint
-- A time as the wire writes it.
CREATE FUNCTION wire_time(moment timestamptz) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
--> statement-breakpoint
-- An entry as the wire carries it: the one presenter, so that what is fetched reads the same wherever it was fetched.
CREATE FUNCTION present_entry(e entries) RETURNS json LANGUAGE sql STABLE
AS $$
  SELECT json_strip_nulls(json_build_object(
    'id', e.id, 'conversationId', e.conversation_id, 'audience', e.audience, 'seq', e.seq, 'kind', e.kind,
    'author', json_build_object('kind', e.author_kind, 'id', e.author_id, 'name', e.author_name),
    'clientId', e.client_id, 'body', e.body, 'activity', e.activity, 'replyToSeq', e.reply_to_seq,
    'reactions', CASE WHEN jsonb_array_length(e.reactions) > 0 THEN e.reactions END,
    'editedAt', wire_time(e.edited_at), 'deletedAt', wire_time(e.deleted_at), 'createdAt', wire_time(e.created_at)
  ))
$$;
--> statement-breakpoint
-- Whether an actor may see a conversation. Contacts: their own. Agents: what they hold, what their departments hold, what
-- they take part in, and with `sees_all` every support conversation.
CREATE FUNCTION can_see(c conversations, kind text, actor uuid, sees_all boolean) RETURNS boolean LANGUAGE sql STABLE
AS $$
  SELECT CASE kind
    WHEN 'contact' THEN c.contact_id IS NOT DISTINCT FROM actor
    WHEN 'agent' THEN (sees_all AND c.kind = 'support') OR c.assignee_id IS NOT DISTINCT FROM actor
      OR EXISTS (SELECT FROM department_members d
                 WHERE d.tenant_id = c.tenant_id AND d.department_id = c.department_id AND d.user_id = actor)
      OR EXISTS (SELECT FROM participants p
                 WHERE p.tenant_id = c.tenant_id AND p.conversation_id = c.id AND p.actor_kind = 'agent' AND p.actor_id = actor)
    ELSE false END
$$;
--> statement-breakpoint
-- How many messages by others a viewer has not read; 100 means "100 or more". Without `viewer_id`: an agent who never looked.
CREATE FUNCTION count_unread(conv conversations, viewer_kind text, viewer_id uuid) RETURNS integer LANGUAGE sql STABLE
AS $$
  SELECT count(*)::integer FROM (
    SELECT FROM (VALUES ('public'), ('internal')) AS t(audience)
    JOIN entries e ON e.tenant_id = conv.tenant_id AND e.conversation_id = conv.id AND e.audience = t.audience
      AND e.seq > coalesce((
        SELECT r.read_seq FROM receipts r
        WHERE r.tenant_id = conv.tenant_id AND r.conversation_id = conv.id AND r.actor_id = viewer_id AND r.audience = t.audience
      ), 0)
    WHERE (t.audience = 'public' OR viewer_kind = 'agent')
      AND e.kind = 'message' AND e.deleted_at IS NULL AND e.author_id IS DISTINCT FROM viewer_id
    LIMIT 100
  ) AS unread
$$;
--> statement-breakpoint
-- A conversation as the wire carries it to one viewer. What agents note for themselves is left out for contacts, even when.
CREATE FUNCTION present_conversation(conv conversations, viewer_kind text, viewer_id uuid) RETURNS json LANGUAGE sql STABLE
AS $$
  SELECT json_strip_nulls(json_build_object(
    'id', conv.id, 'kind', conv.kind, 'status', conv.status, 'subject', conv.subject,
    'contact', (
      SELECT json_build_object('id', k.id, 'name', k.name, 'verified', k.verified) FROM contacts k
      WHERE k.tenant_id = conv.tenant_id AND k.id = conv.contact_id),
    'inboxId', conv.inbox_id, 'departmentId', conv.department_id, 'assigneeId', conv.assignee_id,
    'assigneeName', (SELECT u.name FROM users u WHERE u.id = conv.assignee_id),
    'priority', conv.priority, 'tags', CASE viewer_kind WHEN 'contact' THEN '{}' ELSE conv.tags END, 'version', conv.version,
    'publicSeq', conv.public_seq, 'internalSeq', CASE viewer_kind WHEN 'contact' THEN NULL ELSE conv.internal_seq END,
    'unread', count_unread(conv, viewer_kind, viewer_id),
    'lastEntry', (
      SELECT present_entry(e) FROM entries e
      WHERE e.tenant_id = conv.tenant_id AND e.conversation_id = conv.id AND e.audience = 'public' AND e.kind = 'message'
      ORDER BY e.seq DESC LIMIT 1),
    'waitingSince', wire_time(conv.waiting_since), 'firstResponseAt', wire_time(conv.first_response_at),
    'createdAt', wire_time(conv.created_at),
    'updatedAt', wire_time(CASE viewer_kind WHEN 'contact' THEN coalesce((
      SELECT e.created_at FROM entries e
      WHERE e.tenant_id = conv.tenant_id AND e.conversation_id = conv.id AND e.audience = 'public' AND e.seq = conv.public_seq
    ), conv.created_at) ELSE conv.updated_at END),
     'resolvedAt', wire_time(conv.resolved_at)
  ))
$$;
--> statement-breakpoint
-- The group-commit append: one call stores a batch of messages of any number of conversations and tenants.
--
-- `batch` is a JSON array of rows, in the order they arrived:
--   n  place in the batch            t  tenant            c  conversation       a  audience
--   k  author kind                   u  author id         nm author name        ci client id
--   i  entry id                      b  body              r  reply to seq       s  seen seq
--   x  the author may see every support conversation of the tenant
--   f  a reply that leaves a conversation nobody holds as it is, instead of asking for `claim`
--   o  another agent's reply stands before this one in the batch, and this one rests on `s`
-- An author's client id stands in a batch once. `tenants` are the tenants of the batch: row-level security lets the call
-- see and write theirs and no others. `owners` and `touched` name each conversation of the batch once, behind its tenant, sorted.
--
-- Answers `{ "at": time, "rows": [[n, verdict, seq, head, woke, stored entry], ...] }`. The verdicts: `appended`; `known`,
-- stored before; `not_found`; `read_only`; `no_target`, a reply to what does not exist; `held`, another agent replied after
-- `s`; `claim` and `reopen`, which need the transactional path. `woke` is true where a contact's message ends `pending` or
-- `snoozed`.
--
-- The conversations' rows are locked first, in that order, by a statement of its own: the next statement then
-- has a snapshot in which all that an earlier holder of those locks wrote is visible, so what it reads it may count on.
-- Plans: the planner knows nothing of a young table, and a plan made then is kept while it grows. So the settings leave it
-- nothing but keyed access; keys are written as a range of one with an order, which only the index meant has without a sort,
-- since an equality on the first column of any index looks as good to it; and rows already locked are updated by their place.
CREATE FUNCTION append_entries(batch json, tenants uuid[], owners uuid[], touched uuid[]) RETURNS json
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
  result json;
BEGIN
  PERFORM set_config('app.tenant_ids', tenants::text, true);

  PERFORM
  FROM unnest(owners, touched) AS k(t, c)
  CROSS JOIN LATERAL (
    SELECT FROM conversations c WHERE c.tenant_id = k.t AND c.id >= k.c AND c.id <= k.c
    ORDER BY c.id LIMIT 1 FOR NO KEY UPDATE
  ) locked;

  WITH judged AS MATERIALIZED (
    SELECT input.*, conv.place, conv.status, known.entry,
      CASE input.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END AS base,
      CASE
        WHEN known.entry IS NOT NULL THEN 'known'
        WHEN conv.id IS NULL THEN 'not_found'
        WHEN input.k = 'contact' AND (conv.contact_id IS DISTINCT FROM input.u OR input.a <> 'public') THEN 'not_found'
        WHEN input.k = 'agent' AND conv.assignee_id IS DISTINCT FROM input.u AND NOT (input.x AND conv.kind = 'support')
          AND NOT can_see(conv.row, input.k, input.u, input.x) THEN 'not_found'
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
-- What many timelines hold after a cursor, in one call. `cursors`: [{ "c": conversation, "a": audience, "s": after seq }].
-- Answers [{ conversationId, audience, entries, headSeq, resync? }] in the order asked, and null for what the actor can't see.
CREATE FUNCTION sync_timelines(tenant uuid, cursors json, viewer_kind text, viewer_id uuid, sees_all boolean, most integer) RETURNS json
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_sort = off
AS $$
DECLARE
  result json;
BEGIN
  PERFORM set_config('app.tenant_ids', '{' || tenant || '}', true);
  SELECT json_agg(found.timeline ORDER BY asked.place) INTO result
  FROM (SELECT row_number() OVER () AS place, q.* FROM json_to_recordset(cursors) AS q(c uuid, a text, s bigint)) AS asked
  LEFT JOIN LATERAL (
    SELECT json_strip_nulls(json_build_object(
      'conversationId', conv.id, 'audience', asked.a,
      'headSeq', head.seq,
      'resync', CASE WHEN asked.s > head.seq THEN true END,
      'entries', coalesce((
        SELECT json_agg(present_entry(e) ORDER BY e.seq) FROM (
          SELECT * FROM entries
          WHERE tenant_id = tenant AND conversation_id = conv.id AND audience = asked.a AND seq > asked.s AND seq <= head.seq
          ORDER BY seq LIMIT most
        ) e), '[]'))) AS timeline
    FROM conversations conv
    CROSS JOIN LATERAL (SELECT CASE asked.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END AS seq) head
    WHERE conv.tenant_id = tenant AND conv.id >= asked.c AND conv.id <= asked.c
      AND can_see(conv, viewer_kind, viewer_id, sees_all) AND (asked.a = 'public' OR viewer_kind <> 'contact')
    ORDER BY conv.id LIMIT 1
  ) found ON true;
  RETURN coalesce(result, '[]');
END
$$;
--> statement-breakpoint
-- Moves receipts forward, a batch at a time. Rows: n, t, c, a, k, u, x as in `append_entries`, `d` delivered and `r` read seq.
-- Answers [[n, found, delivered, read, moved], ...]; cursors never pass the head and never go back.
CREATE FUNCTION record_receipts(batch json, tenants uuid[]) RETURNS json
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
    SELECT input.*, c.id IS NOT NULL AS visible,
      least(greatest(input.d, input.r, 0), c.head) AS delivered, least(coalesce(input.r, 0), c.head) AS seen
    FROM json_to_recordset(batch)
      AS input(n integer, t uuid, c uuid, a text, k text, u uuid, x boolean, d bigint, r bigint)
    LEFT JOIN LATERAL (
      SELECT conv.id, CASE input.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END AS head
      FROM conversations conv
      WHERE conv.tenant_id = input.t AND conv.id >= input.c AND conv.id <= input.c
        AND can_see(conv, input.k, input.u, input.x) AND (input.a = 'public' OR input.k <> 'contact')
      ORDER BY conv.id LIMIT 1
    ) c ON true
  ),
  moved AS (
    INSERT INTO receipts (tenant_id, conversation_id, audience, actor_kind, actor_id, delivered_seq, read_seq)
    SELECT t, c, a, min(k), u, max(delivered), max(seen)
    FROM judged WHERE visible GROUP BY t, c, a, u ORDER BY t, c, u, a
    ON CONFLICT (tenant_id, conversation_id, actor_id, audience) DO UPDATE SET
      delivered_seq = greatest(receipts.delivered_seq, excluded.delivered_seq),
      read_seq = greatest(receipts.read_seq, excluded.read_seq)
    WHERE receipts.delivered_seq < excluded.delivered_seq OR receipts.read_seq < excluded.read_seq
    RETURNING tenant_id, conversation_id, audience, actor_id, delivered_seq, read_seq
  )
  SELECT json_agg(json_build_array(j.n, j.visible, m.delivered_seq, m.read_seq, m.actor_id IS NOT NULL)) INTO result
  FROM judged j
  LEFT JOIN moved m ON m.tenant_id = j.t AND m.conversation_id = j.c AND m.audience = j.a AND m.actor_id = j.u;
  RETURN result;
END
$$;
--> statement-breakpoint
-- The heads of what changed lately in these tenants: one index range per tenant. `since` is a bucket of ten seconds.
-- Answers { "bucket": the present one, "changed": [[tenant, conversation, public seq, internal seq, version, department, contact], ...] }.
CREATE FUNCTION changed_heads(tenants uuid[], since integer) RETURNS json
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  result json;
BEGIN
  PERFORM set_config('app.tenant_ids', tenants::text, true);
  SELECT json_agg(json_build_array(c.tenant_id, c.id, c.public_seq, c.internal_seq, c.version, c.department_id, c.contact_id)) INTO result
  FROM unnest(tenants) AS t(id)
  JOIN conversations c ON c.tenant_id = t.id AND c.active_bucket >= since;
  RETURN json_build_object(
    'bucket', floor(extract(epoch FROM clock_timestamp()) / 10)::integer, 'changed', coalesce(result, '[]'));
END
$$;
