-- Who a login is and which workspaces it opens, by address or by id.
DROP FUNCTION find_login(text);
--> statement-breakpoint
CREATE FUNCTION find_login(wanted text, wanted_id uuid)
RETURNS TABLE (user_id uuid, name text, email text, password_hash text, totp_secret text, totp_confirmed_at timestamptz,
  totp_last_step integer, recovery_hashes text[], tenants json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT u.id, u.name, u.email, u.password_hash, u.totp_secret, u.totp_confirmed_at, u.totp_last_step, u.recovery_hashes, coalesce((
    SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) ORDER BY t.name, t.id)
    FROM memberships m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.user_id = u.id AND m.status = 'active' AND t.status = 'active'
  ), '[]')
  FROM users u WHERE u.email = lower(wanted) OR u.id = wanted_id
$$;
--> statement-breakpoint
-- Every workspace a login has ever belonged to, for what concerns the login itself.
CREATE FUNCTION list_tenants_of(wanted uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT tenant_id FROM memberships WHERE user_id = wanted $$;
--> statement-breakpoint
-- The workspace behind a host name: one of its own that is verified, or a slug under our domain.
CREATE FUNCTION find_tenant(wanted_host text, wanted_slug text) RETURNS TABLE (id uuid, slug text, name text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT t.id, t.slug, t.name, t.status FROM tenants t
  WHERE t.slug = wanted_slug
    OR t.id = (SELECT d.tenant_id FROM tenant_domains d WHERE d.host = lower(wanted_host) AND d.verified_at IS NOT NULL)
  LIMIT 1
$$;
--> statement-breakpoint
-- The workspaces whose own pages may read the API from this origin.
CREATE FUNCTION list_tenants_allowing(wanted text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT id FROM tenants WHERE allowed_origins @> ARRAY[wanted] $$;
--> statement-breakpoint
-- The workspaces of all customers, newest first, for Parley's own staff. `after_id` names the last of the page before.
CREATE FUNCTION list_tenants(wanted text, wanted_status text, wanted_plan text, after_id uuid, most integer)
RETURNS TABLE (id uuid, slug text, name text, status text, plan text, subscription_status text, trial_ends_at timestamptz,
  suspended_at timestamptz, suspend_reason text, created_at timestamptz, agents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT t.id, t.slug, t.name, t.status, t.plan, t.subscription_status, t.trial_ends_at, t.suspended_at, t.suspend_reason, t.created_at,
    (SELECT count(*) FROM memberships m WHERE m.tenant_id = t.id AND m.status = 'active')
  FROM tenants t
  WHERE t.kind = 'customer'
    AND (wanted IS NULL OR position(lower(wanted) IN lower(t.name)) > 0 OR position(lower(wanted) IN t.slug) > 0 OR t.id::text = lower(wanted))
    AND (wanted_status IS NULL OR t.status = wanted_status) AND (wanted_plan IS NULL OR t.plan = wanted_plan)
    AND (after_id IS NULL OR (t.created_at, t.id) < (SELECT last.created_at, last.id FROM tenants last WHERE last.id = after_id))
  ORDER BY t.created_at DESC, t.id DESC LIMIT most
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION present_conversation(conv conversations, viewer_kind text, viewer_id uuid) RETURNS json LANGUAGE sql STABLE
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
