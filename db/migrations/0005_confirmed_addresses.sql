ALTER TABLE "users" ADD COLUMN "email_confirmed_at" timestamp (3) with time zone;
--> statement-breakpoint
-- Whoever came by an invitation had its token from a mail to their address. Row-level security holds for the owner of the
-- tables too, but for this transaction.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE invitations NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
UPDATE users u SET email_confirmed_at = i.accepted_at
FROM (SELECT email, min(accepted_at) AS accepted_at FROM invitations WHERE accepted_at IS NOT NULL GROUP BY email) i
WHERE i.email = u.email;
--> statement-breakpoint
ALTER TABLE users FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Who a login is, whether its address was shown to be theirs, and which workspaces it opens, by address or by id.
DROP FUNCTION find_login(text, uuid);
--> statement-breakpoint
CREATE FUNCTION find_login(wanted text, wanted_id uuid)
RETURNS TABLE (user_id uuid, name text, email text, email_confirmed_at timestamptz, password_hash text, totp_secret text,
  totp_confirmed_at timestamptz, totp_last_step integer, recovery_hashes text[], tenants json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT u.id, u.name, u.email, u.email_confirmed_at, u.password_hash, u.totp_secret, u.totp_confirmed_at, u.totp_last_step,
    u.recovery_hashes, coalesce((
      SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) ORDER BY t.name, t.id)
      FROM memberships m JOIN tenants t ON t.id = m.tenant_id
      WHERE m.user_id = u.id AND m.status = 'active' AND t.status = 'active'
    ), '[]')
  FROM users u WHERE u.email = lower(wanted) OR u.id = wanted_id
$$;
