-- The planner takes every index of an empty table for as good as any other, and what it has kept for this function's body then
-- serves a full one. So the contact's key is written as a range of one with an order, which only the index meant has without
-- a sort; sorting is off here.
CREATE OR REPLACE FUNCTION present_conversation(conv conversations, viewer_kind text, viewer_id uuid) RETURNS json LANGUAGE sql STABLE
SET enable_seqscan = off
SET enable_sort = off
AS $$
  SELECT json_strip_nulls(json_build_object(
    'id', conv.id, 'kind', conv.kind, 'status', conv.status, 'subject', conv.subject,
    'contact', (
      SELECT json_build_object('id', k.id, 'name', k.name, 'verified', k.verified) FROM contacts k
      WHERE k.tenant_id = conv.tenant_id AND k.id >= conv.contact_id AND k.id <= conv.contact_id
      ORDER BY k.id LIMIT 1),
    'inboxId', conv.inbox_id, 'departmentId', conv.department_id, 'assigneeId', conv.assignee_id,
    'assigneeName', (SELECT u.name FROM users u WHERE u.id = conv.assignee_id),
    'priority', conv.priority, 'tags', CASE viewer_kind WHEN 'contact' THEN '{}' ELSE conv.tags END, 'version', conv.version,
    'publicSeq', conv.public_seq, 'internalSeq', CASE viewer_kind WHEN 'contact' THEN NULL ELSE conv.internal_seq END,
    'unread', count_unread(conv, viewer_kind, viewer_id),
    'lastEntry', (
      SELECT present_entry(e) FROM entries e
      WHERE e.tenant_id = conv.tenant_id AND e.conversation_id = conv.id AND e.audience = 'public' AND e.kind = 'message'
      ORDER BY e.seq DESC LIMIT 1),
    'queuedAt', CASE conv.status WHEN 'queued' THEN wire_time(conv.queued_at) END,
    'forLater', CASE WHEN conv.for_later THEN true END,
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
-- One range of one index for each tenant, newest first as the index has it, whatever is known of the table.
ALTER FUNCTION changed_heads(uuid[], integer) SET plan_cache_mode = force_generic_plan;
--> statement-breakpoint
ALTER FUNCTION changed_heads(uuid[], integer) SET enable_hashjoin = off;
--> statement-breakpoint
ALTER FUNCTION changed_heads(uuid[], integer) SET enable_mergejoin = off;
