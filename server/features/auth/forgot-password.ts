import { queueMail } from "../mail/queue.ts";
import { resetMail } from "./mails.ts";
import { resetLink } from "./reset-token.ts";
import type { AuthParts, Visit } from "./session.ts";

const answerEveryMs = 400;

/** Answers at the beat only, so that how long it took tells nothing. */
const untilTheBeat = async (started: number): Promise<void> => {
  const passed = performance.now() - started;
  await new Promise((resolve) => {
    setTimeout(resolve, Math.ceil(passed / answerEveryMs) * answerEveryMs - passed);
  });
};

/**
 * Mails a link by which a new password can be chosen, where the address is somebody's. Answers the same, and takes as long,
 * where it is nobody's, and where enough links were sent already. Throws Refusal `rate_limited`.
 */
export const forgotPassword = async (parts: AuthParts, address: string, visit: Visit): Promise<void> => {
  const { node, failedLogins } = parts;
  const started = performance.now();
  await failedLogins.countVisit("asking", visit.address);
  const login = await node.directory.findLogin(address);
  if (login && (await failedLogins.mayMail("password_reset", login.email))) {
    const tenantId = login.tenants[0]?.id ?? (await node.directory.listTenantsOf(login.userId))[0];
    if (tenantId !== undefined)
      await node.tenancy
        .withTenant(tenantId, (db) =>
          queueMail({ db }, tenantId, resetMail(login.email, resetLink(node.config, login))),
        )
        // A refusal here would tell that the address is known.
        .catch((error: unknown) => visit.log.error({ err: error }, "a link to a new password could not be mailed"));
  }
  await untilTheBeat(started);
};
