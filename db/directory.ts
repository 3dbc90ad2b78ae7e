import type { Database } from "./tenancy.ts";

/** What must be known before a tenant is: the narrow look-ups of the directory functions in `migrations`. */
export type Directory = {
  findInbox: (key: string) => Promise<InboxPlace | undefined>;
  findLogin: (email: string) => Promise<Login | undefined>;
  findLoginById: (userId: string) => Promise<Login | undefined>;
  /** Every tenant a login has ever belonged to, whatever its state. */
  listTenantsOf: (userId: string) => Promise<string[]>;
  /** The tenants whose allowed origins hold this one. */
  listTenantsAllowing: (origin: string) => Promise<string[]>;
  /** The tenant a host name is verified for, or whose slug it is. */
  findTenant: (where: { host?: string; slug?: string }) => Promise<TenantPlace | undefined>;
  /** Customers' workspaces, the newest first. `afterId`: the last of the page before. */
  listTenants: (page: TenantSearch) => Promise<TenantOverview[]>;
};

export type TenantSearch = {
  search?: string | undefined;
  status?: string | undefined;
  plan?: string | undefined;
  afterId?: string | undefined;
  limit: number;
};
export type TenantOverview = {
  id: string;
  slug: string;
  name: string;
  status: string;
  plan: string;
  subscriptionStatus: string;
  trialEndsAt: Date | null;
  suspendedAt: Date | null;
  suspendReason: string | null;
  createdAt: Date;
  agents: number;
};

export type TenantPlace = { id: string; slug: string; name: string; status: string };

export type InboxPlace = { tenantId: string; inboxId: string; tenantName: string; tenantStatus: string };
export type Login = {
  userId: string;
  name: string;
  email: string;
  emailConfirmedAt: Date | null;
  passwordHash: string | null;
  totpSecret: string | null;
  totpConfirmedAt: Date | null;
  totpLastStep: number | null;
  recoveryHashes: string[];
  tenants: { id: string; name: string; slug: string }[];
};

export const createDirectory = (database: Database): Directory => {
  const findLogin = async (email: string | null, userId: string | null) => {
    const [row] = await database.call<Login>(
      "directory",
      "find-login",
      `SELECT user_id AS "userId", name, email, email_confirmed_at AS "emailConfirmedAt", password_hash AS "passwordHash",
         totp_secret AS "totpSecret", totp_confirmed_at AS "totpConfirmedAt", totp_last_step AS "totpLastStep",
         recovery_hashes AS "recoveryHashes", tenants
       FROM find_login($1, $2)`,
      [email, userId],
    );
    return row;
  };
  return {
    findInbox: async (key) => {
      const [row] = await database.call<InboxPlace>(
        "directory",
        "find-inbox",
        `SELECT tenant_id AS "tenantId", inbox_id AS "inboxId", tenant_name AS "tenantName", tenant_status AS "tenantStatus" FROM find_inbox($1)`,
        [key],
      );
      return row;
    },
    findLogin: (email) => findLogin(email, null),
    findLoginById: (userId) => findLogin(null, userId),
    listTenantsOf: async (userId) => {
      const rows = await database.call<{ id: string }>(
        "directory",
        "list-tenants-of",
        "SELECT list_tenants_of($1) AS id",
        [userId],
      );
      return rows.map(({ id }) => id);
    },
    listTenantsAllowing: async (origin) => {
      const rows = await database.call<{ id: string }>(
        "directory",
        "list-tenants-allowing",
        "SELECT list_tenants_allowing($1) AS id",
        [origin],
      );
      return rows.map(({ id }) => id);
    },
    findTenant: async ({ host = null, slug = null }) => {
      const [row] = await database.call<TenantPlace>("directory", "find-tenant", "SELECT * FROM find_tenant($1, $2)", [
        host,
        slug,
      ]);
      return row;
    },
    listTenants: ({ search = null, status = null, plan = null, afterId = null, limit }) =>
      database.call<TenantOverview>(
        "directory",
        "list-tenants",
        `SELECT id, slug, name, status, plan, subscription_status AS "subscriptionStatus", trial_ends_at AS "trialEndsAt",
           suspended_at AS "suspendedAt", suspend_reason AS "suspendReason", created_at AS "createdAt", agents::integer AS agents
         FROM list_tenants($1, $2, $3, $4, $5)`,
        [search, status, plan, afterId, limit],
      ),
  };
};
