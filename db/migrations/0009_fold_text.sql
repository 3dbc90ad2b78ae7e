-- Text as it is compared when somebody searches: letters of any case, width and composition, with and without accents, are the
-- same. `fold` in server/contract/text.ts does the same in pages. Accents are those of Latin, Greek and Cyrillic, the points of
-- Hebrew and the vowel signs of Arabic; what leaves no mark goes too.
CREATE FUNCTION fold_text(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(replace(replace(replace(
  translate(
    lower(normalize(regexp_replace(
      normalize(words, NFKD),
      U&'[\0300-\036F\0591-\05C7\0610-\061A\064B-\065F\0670\00AD\200B-\200F\2060-\2064\FE00-\FE0F\FEFF]+', '', 'g'
    ), NFKC)),
    'øłđðıς', 'olddiσ'),
  'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
--> statement-breakpoint
CREATE OR REPLACE FUNCTION list_tenants(wanted text, wanted_status text, wanted_plan text, after_id uuid, most integer)
RETURNS TABLE (id uuid, slug text, name text, status text, plan text, subscription_status text, trial_ends_at timestamptz,
  suspended_at timestamptz, suspend_reason text, created_at timestamptz, agents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT t.id, t.slug, t.name, t.status, t.plan, t.subscription_status, t.trial_ends_at, t.suspended_at, t.suspend_reason, t.created_at,
    (SELECT count(*) FROM memberships m WHERE m.tenant_id = t.id AND m.status = 'active')
  FROM tenants t
  WHERE t.kind = 'customer'
    AND (wanted IS NULL OR position(fold_text(wanted) IN fold_text(t.name)) > 0 OR position(fold_text(wanted) IN t.slug) > 0
      OR t.id::text = lower(wanted))
    AND (wanted_status IS NULL OR t.status = wanted_status) AND (wanted_plan IS NULL OR t.plan = wanted_plan)
    AND (after_id IS NULL OR (t.created_at, t.id) < (SELECT last.created_at, last.id FROM tenants last WHERE last.id = after_id))
  ORDER BY t.created_at DESC, t.id DESC LIMIT most
$$;
