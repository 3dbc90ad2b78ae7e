import type { Database } from "./tenancy.ts";

/** What must be known before a tenant is: the narrow look-ups of `0002_directory.sql`. */
export type Directory = {
  findInbox: (key: string) => Promise<InboxPlace | undefined>;
  findLogin: (email: string) => Promise<Login | undefined>;
};

export type InboxPlace = { tenantId: string; inboxId: string; tenantName: string; tenantStatus: string };
export type Login = {
  userId: string;
  name: string;
  email: string;
  passwordHash: string | null;
  tenants: { id: string; name: string; slug: string }[];
};

export const createDirectory = (database: Database): Directory => ({
  findInbox: async (key) => {
    const [row] = await database.call<InboxPlace>(
      "find-inbox",
      `SELECT tenant_id AS "tenantId", inbox_id AS "inboxId", tenant_name AS "tenantName", tenant_status AS "tenantStatus" FROM find_inbox($1)`,
      [key],
    );
    return row;
  },
  findLogin: async (email) => {
    const [row] = await database.call<Login>(
      "find-login",
      `SELECT user_id AS "userId", name, email, password_hash AS "passwordHash", tenants FROM find_login($1)`,
      [email],
    );
    return row;
  },
});
