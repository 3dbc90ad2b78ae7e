-- What one answer may cost does not depend on how much was asked for. Entries are taken one by one until the answer is full,
-- so a body that is not given is not read either. The sizes are the contract's; the defaults are for nodes that still run
-- the release before.
DROP FUNCTION sync_timelines(uuid, json, text, uuid, boolean, integer);
--> statement-breakpoint
-- What many timelines hold after a cursor, in one call. `cursors`: [{ "c": conversation, "a": audience, "s": after seq }].
-- Answers [{ conversationId, audience, entries, headSeq, resync? }] in the order asked, and null for what the actor can't see.
-- At most `most` entries of each timeline, and of all together `most_in_all` entries and `room` bytes; what comes first is
-- served first, and the very first entry always, so whoever goes on asking gets all.
CREATE FUNCTION sync_timelines(
  tenant uuid, cursors json, viewer_kind text, viewer_id uuid, sees_all boolean, most integer,
  most_in_all integer DEFAULT 2000, room integer DEFAULT 262144
) RETURNS json
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_sort = off
AS $$
DECLARE
  asked record;
  head bigint;
  entry entries;
  presented json;
  size integer;
  bytes integer := 0;
  given integer := 0;
  full_up boolean := false;
  parts json[];
  timelines json[] := '{}';
BEGIN
  PERFORM set_config('app.tenant_ids', '{' || tenant || '}', true);
  FOR asked IN SELECT q.c, q.a, q.s FROM json_to_recordset(cursors) AS q(c uuid, a text, s bigint) LOOP
    SELECT CASE asked.a WHEN 'public' THEN conv.public_seq ELSE conv.internal_seq END INTO head
    FROM conversations conv
    WHERE conv.tenant_id = tenant AND conv.id >= asked.c AND conv.id <= asked.c
      AND can_see(conv, viewer_kind, viewer_id, sees_all) AND (asked.a = 'public' OR viewer_kind <> 'contact')
    ORDER BY conv.id LIMIT 1;
    IF NOT FOUND THEN
      timelines := array_append(timelines, NULL::json);
      -- The whole request is refused: what else it asks for need not be read.
      full_up := true;
      CONTINUE;
    END IF;
    parts := '{}';
    IF NOT full_up AND asked.s < head THEN
      FOR entry IN
        SELECT * FROM entries
        WHERE tenant_id = tenant AND conversation_id = asked.c AND audience = asked.a AND seq > asked.s AND seq <= head
        ORDER BY seq LIMIT least(most, most_in_all - given)
      LOOP
        presented := present_entry(entry);
        size := octet_length(presented::text);
        full_up := given > 0 AND bytes + size > room;
        EXIT WHEN full_up;
        parts := array_append(parts, presented);
        bytes := bytes + size;
        given := given + 1;
      END LOOP;
      full_up := full_up OR given >= most_in_all;
    END IF;
    timelines := array_append(timelines, CASE WHEN asked.s > head
      THEN json_build_object('conversationId', asked.c, 'audience', asked.a, 'headSeq', head, 'resync', true, 'entries', '[]'::json)
      ELSE json_build_object('conversationId', asked.c, 'audience', asked.a, 'headSeq', head, 'entries', array_to_json(parts))
    END);
  END LOOP;
  RETURN array_to_json(timelines);
END
$$;
--> statement-breakpoint
-- The newest entries of a timeline before a place, oldest first: at most `most`, and no more than fill `room` bytes, but one
-- where there is any.
CREATE FUNCTION newest_entries(tenant uuid, conversation uuid, of_audience text, before_seq bigint, most integer, room integer)
RETURNS json
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_sort = off
AS $$
DECLARE
  entry entries;
  presented json;
  bytes integer := 0;
  parts json[] := '{}';
BEGIN
  FOR entry IN
    SELECT * FROM entries
    WHERE tenant_id = tenant AND conversation_id = conversation AND audience = of_audience AND seq < before_seq
    ORDER BY seq DESC LIMIT most
  LOOP
    presented := present_entry(entry);
    bytes := bytes + octet_length(presented::text);
    EXIT WHEN bytes > room AND cardinality(parts) > 0;
    parts := array_append(parts, presented);
  END LOOP;
  RETURN (SELECT coalesce(json_agg(part ORDER BY place DESC), '[]') FROM unnest(parts) WITH ORDINALITY AS taken(part, place));
END
$$;
--> statement-breakpoint
-- About how long a conversation is once it is presented: what its newest message takes, and the rest. Reads no body.
CREATE FUNCTION presented_bytes(conv conversations) RETURNS integer LANGUAGE sql STABLE
SET enable_seqscan = off
SET enable_sort = off
AS $$
  SELECT 1000 + coalesce((
    SELECT octet_length(e.body) FROM entries e
    WHERE e.tenant_id = conv.tenant_id AND e.conversation_id = conv.id AND e.audience = 'public' AND e.kind = 'message'
    ORDER BY e.seq DESC LIMIT 1), 0)
$$;
