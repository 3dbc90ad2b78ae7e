import type { Ctx } from "../context.ts";
import type { Entitlement } from "../contract/define.ts";

/**
 * The one place that asks whether a tenant's plan allows what a command needs. Every plan includes conversations; what
 * plans limit is refused here with `limit_exceeded`.
 */
export const checkEntitlement = (_ctx: Pick<Ctx, "tenant">, entitlement: Entitlement): void => {
  switch (entitlement) {
    case "conversations":
      return;
  }
};
