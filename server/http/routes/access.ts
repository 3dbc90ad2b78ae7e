import type { accessRoutes } from "../../contract/access-routes.ts";
import { createApiKey } from "../../features/api-key/create.ts";
import { listApiKeys } from "../../features/api-key/list.ts";
import { revokeApiKey } from "../../features/api-key/revoke.ts";
import { exportAuditEvents } from "../../features/audit-event/export.ts";
import { listAuditEvents } from "../../features/audit-event/list.ts";
import { createDomain } from "../../features/domain/create.ts";
import { deleteDomain } from "../../features/domain/delete.ts";
import { listDomains } from "../../features/domain/list.ts";
import { verifyDomain } from "../../features/domain/verify.ts";
import type { HandlersOf } from "../guard.ts";

export const accessHandlers: HandlersOf<typeof accessRoutes> = {
  "api-key/list": ({ ctx, query }) => listApiKeys(ctx, query),
  "api-key/create": ({ ctx, body }) => createApiKey(ctx, body),
  "api-key/revoke": ({ ctx, params }) => revokeApiKey(ctx, params),
  "domain/list": ({ ctx, query }) => listDomains(ctx, query),
  "domain/create": ({ ctx, body }) => createDomain(ctx, body),
  "domain/verify": ({ ctx, params }) => verifyDomain(ctx, params),
  "domain/delete": ({ ctx, params }) => deleteDomain(ctx, params),
  "audit-event/list": ({ ctx, query }) => listAuditEvents(ctx, query),
  "audit-event/export": async ({ koa, ctx, query }) => {
    const { stream, type, fileName } = await exportAuditEvents(ctx, query);
    koa.attachment(fileName);
    koa.set("Content-Type", type);
    koa.body = stream;
  },
};
