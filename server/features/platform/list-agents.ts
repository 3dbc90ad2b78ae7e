import type { AgentCtx } from "../../context.ts";
import { type AgentQuery, findAgents } from "../agent/list.ts";
import { readTenant } from "./access.ts";

/** The members of a customer's workspace, a page at a time: for whoever looks for the one to act as. */
export const listPlatformAgents = (ctx: AgentCtx, { tenantId, ...query }: AgentQuery & { tenantId: string }) =>
  readTenant(ctx, tenantId, (db) => findAgents(db, tenantId, query));
