import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The secret that signs this installation's tokens, made on the first time and kept in `dataDir`, readable by us alone:
 * with a new one at each start everybody would have to sign in again.
 */
export const keptSecret = (dataDir: string): string => {
  const file = join(dataDir, "auth-secrets");
  mkdirSync(dataDir, { recursive: true });
  if (!existsSync(file)) {
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "w" });
    try {
      // Never replaces one that another process has just made and already signs with.
      linkSync(aside, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    rmSync(aside);
  }
  chmodSync(file, 0o600);
  return readFileSync(file, "utf8").trim();
};

/** The environment of a single node or worker: outside production it shares the kept secret of this machine's DATA_DIR. */
export const withKeptSecret = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  env.AUTH_SECRETS || env.NODE_ENV === "production"
    ? env
    : { ...env, AUTH_SECRETS: keptSecret(env.DATA_DIR || ".parley") };
