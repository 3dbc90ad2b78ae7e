import { Resolver } from "node:dns/promises";
import type { Config } from "../../config.ts";
import type { Domain } from "../../contract/access-routes.ts";
import { Refusal } from "../../contract/errors.ts";

const patienceMs = 2_000;
const nothingThere = new Set(["ENOTFOUND", "ENODATA"]);

/** The TXT record by which whoever runs a name's DNS shows that the name is theirs to give. */
export const recordOf = (host: string, token: string): Domain["record"] => ({
  type: "TXT",
  name: `_parley.${host}`,
  value: `parley-verification=${token}`,
});

/** Whether the record stands, as the world's name servers see it. Throws Refusal `unavailable` where they don't answer. */
export const isPublished = async (
  { DNS_SERVERS }: Pick<Config, "DNS_SERVERS">,
  { name, value }: Domain["record"],
): Promise<boolean> => {
  const resolver = new Resolver({ timeout: patienceMs, tries: 2 });
  if (DNS_SERVERS) resolver.setServers(DNS_SERVERS);
  try {
    const records = await resolver.resolveTxt(name);
    // A long record comes in pieces.
    return records.some((pieces) => pieces.join("") === value);
  } catch (error) {
    if (nothingThere.has((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw new Refusal("unavailable", `The name servers of ${name} don't answer right now. Please try again later.`);
  }
};
