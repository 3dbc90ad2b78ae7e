-- API keys end with their maker's membership and don't come back with it: those of members who have left already, too.
-- Row-level security holds for the owner of the tables too, but for this transaction.
ALTER TABLE api_keys NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE memberships NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
UPDATE api_keys k SET revoked_at = coalesce(m.deactivated_at, now())
FROM memberships m
WHERE m.tenant_id = k.tenant_id AND m.user_id = k.created_by_id AND m.status = 'deactivated' AND k.revoked_at IS NULL;
--> statement-breakpoint
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
