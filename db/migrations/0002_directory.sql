-- Look-ups that must happen before a tenant is known. Each answers one narrow question with its owner's eyes; the
-- application's role can't read the tables behind them across tenants. The owner is bound by forced row-level security
-- like everybody else; `protect` lets it read exactly these tables.

CREATE FUNCTION find_inbox(wanted text) RETURNS TABLE (tenant_id uuid, inbox_id uuid, tenant_name text, tenant_status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT k.tenant_id, k.inbox_id, t.name, t.status
  FROM inbox_keys k JOIN tenants t ON t.id = k.tenant_id
  WHERE k.key = wanted
$$;
--> statement-breakpoint
CREATE FUNCTION find_login(wanted text)
RETURNS TABLE (user_id uuid, name text, email text, password_hash text, tenants json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT u.id, u.name, u.email, u.password_hash, coalesce((
    SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) ORDER BY t.name, t.id)
    FROM memberships m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.user_id = u.id AND m.status = 'active' AND t.status = 'active'
  ), '[]')
  FROM users u WHERE u.email = lower(wanted)
$$;
--> statement-breakpoint
CREATE FUNCTION list_tenant_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT id FROM tenants WHERE status = 'active' $$;
