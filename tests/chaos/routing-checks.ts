import type pg from "pg";

type Finding = Record<string, unknown>;

/** Promises about assignments, each as a question to the tables that must find nothing. `$1` is the tenant. */
const promises: Record<string, string> = {
  "no conversation is held by two agents at any moment": `
    SELECT a.conversation_id, a.agent_id AS one, b.agent_id AS other FROM assignments a
    JOIN assignments b ON b.tenant_id = a.tenant_id AND b.conversation_id = a.conversation_id AND b.id <> a.id
      AND b.started_at >= a.started_at AND b.started_at < coalesce(a.ended_at, 'infinity')
      AND (b.started_at, b.id) > (a.started_at, a.id)
    WHERE a.tenant_id = $1`,
  "no agent is above their capacity at any moment": `
    SELECT a.agent_id, m.capacity, a.started_at, count(*)::int AS held FROM assignments a
    JOIN memberships m ON m.tenant_id = a.tenant_id AND m.user_id = a.agent_id
    JOIN assignments b ON b.tenant_id = a.tenant_id AND b.agent_id = a.agent_id
      AND b.started_at <= a.started_at AND coalesce(b.ended_at, 'infinity') > a.started_at
    WHERE a.tenant_id = $1 GROUP BY a.id, a.agent_id, m.capacity, a.started_at HAVING count(*) > m.capacity`,
  "no agent is above a department's capacity at any moment": `
    SELECT a.agent_id, d.capacity_per_agent, a.started_at, count(*)::int AS held FROM assignments a
    JOIN departments d ON d.tenant_id = a.tenant_id AND d.id = a.department_id
    JOIN assignments b ON b.tenant_id = a.tenant_id AND b.agent_id = a.agent_id AND b.department_id = a.department_id
      AND b.started_at <= a.started_at AND coalesce(b.ended_at, 'infinity') > a.started_at
    WHERE a.tenant_id = $1 GROUP BY a.id, a.agent_id, d.capacity_per_agent, a.started_at
    HAVING count(*) > d.capacity_per_agent`,
  "every decision names its candidates, and the one who got it is among those not excluded": `
    SELECT a.id, a.decision FROM assignments a
    WHERE a.tenant_id = $1 AND NOT EXISTS (
      SELECT FROM jsonb_array_elements(a.decision -> 'candidates') c
      WHERE c ->> 'agentId' = a.agent_id::text AND c -> 'excluded' IS NULL)`,
  "the slots that are counted are those that are used": `
    SELECT m.user_id, m.active_count, used.running, used.pending FROM memberships m
    CROSS JOIN LATERAL (
      SELECT (SELECT count(*)::int FROM assignments a
              WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id AND a.ended_at IS NULL) AS running,
             (SELECT count(*)::int FROM offers o
              WHERE o.tenant_id = m.tenant_id AND o.agent_id = m.user_id AND o.status = 'pending') AS pending
    ) used
    WHERE m.tenant_id = $1 AND m.active_count <> used.running + used.pending`,
  "who holds a conversation, its assignment and its status agree": `
    SELECT c.id, c.status, c.assignee_id, a.agent_id FROM conversations c
    LEFT JOIN assignments a ON a.tenant_id = c.tenant_id AND a.conversation_id = c.id AND a.ended_at IS NULL
    WHERE c.tenant_id = $1 AND c.status <> 'resolved'
      AND (c.assignee_id IS DISTINCT FROM a.agent_id OR (c.assignee_id IS NULL) <> (c.status = 'queued'))`,
  "an accepted offer became an assignment of that agent": `
    SELECT o.id FROM offers o
    WHERE o.tenant_id = $1 AND o.status = 'accepted' AND NOT EXISTS (
      SELECT FROM assignments a
      WHERE a.tenant_id = o.tenant_id AND a.conversation_id = o.conversation_id AND a.agent_id = o.agent_id)`,
};

/** Every broken promise, as one line with the first row that breaks it. */
export const brokenPromises = async (superuser: pg.Pool, tenantId: string): Promise<string[]> => {
  const broken: string[] = [];
  for (const [promise, question] of Object.entries(promises)) {
    const { rows } = await superuser.query<Finding>(question, [tenantId]);
    if (rows.length > 0) broken.push(`BROKEN (${rows.length}): ${promise}: ${JSON.stringify(rows[0])}`);
  }
  return broken;
};

/**
 * Conversations that wait although one of `working` could take them: a member of the department, available, skilled, with a
 * slot of their own and of the department's, who has not had the offer yet. An offer that is pending is no waiting.
 */
export const listStuck = async (superuser: pg.Pool, tenantId: string, working: string[]): Promise<string[]> => {
  const { rows } = await superuser.query<{ id: string }>(
    `SELECT c.id FROM conversations c
     JOIN departments d ON d.tenant_id = c.tenant_id AND d.id = c.department_id AND d.strategy <> 'manual'
     WHERE c.tenant_id = $1 AND c.status = 'queued'
       AND NOT EXISTS (SELECT FROM offers o WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.status = 'pending')
       AND EXISTS (
         SELECT FROM department_members dm
         JOIN memberships m ON m.tenant_id = dm.tenant_id AND m.user_id = dm.user_id
         WHERE dm.tenant_id = c.tenant_id AND dm.department_id = c.department_id AND dm.user_id = ANY($2::uuid[])
           AND m.status = 'active' AND m.availability = 'available' AND m.active_count < m.capacity
           AND (d.strategy <> 'skills' OR (m.skills ->> 'plants')::int >= 2)
           AND NOT EXISTS (
             SELECT FROM offers o WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.agent_id = m.user_id
               AND o.offered_at >= c.queued_at)
           AND (d.capacity_per_agent IS NULL OR d.capacity_per_agent > (
             SELECT count(*) FROM assignments a WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id
               AND a.department_id = d.id AND a.ended_at IS NULL)))`,
    [tenantId, working],
  );
  return rows.map(({ id }) => id);
};
