import { randomUUID } from "node:crypto";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type Koa from "koa";
import * as v from "valibot";
import { ErrorBody, errorCodes } from "../../server/contract/errors.ts";
import type { TestApp } from "../support/app.ts";
import { faultOf } from "../support/openapi.ts";
import { password } from "../support/tenant.ts";
import type { TestAgent, TestTenant } from "../support/tenant.ts";

export type Raw = { status: number; headers: IncomingHttpHeaders; body: any };

type RawOptions = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Sends the headers and what there is of a body, and then nothing more. */
  unfinished?: boolean;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? undefined : text;
  }
};

/** One HTTP request byte for byte as it is written here, which `fetch` does not allow. */
export const raw = (url: string, { method = "GET", path, headers = {}, body, unfinished }: RawOptions): Promise<Raw> =>
  new Promise((resolve, reject) => {
    // A string of options and no URL: a URL would be tidied up on its way.
    const { hostname, port } = new URL(url);
    const asking = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("end", () => {
        const answer = { status: response.statusCode!, headers: response.headers, body: parsed(text) };
        const type = answer.headers["content-type"];
        const below = path.startsWith("/api/v1/") ? path.slice("/api/v1".length) : undefined;
        // Every answer any test gets is held against what the API says of itself.
        const fault = below === undefined ? undefined : faultOf({ ...answer, method, path: below, type });
        if (fault === undefined) resolve(answer);
        else reject(new Error(fault));
        asking.destroy();
      });
    });
    asking.once("error", reject);
    if (body !== undefined) asking.write(body);
    if (unfinished) asking.flushHeaders();
    else asking.end();
  });

/** A JSON request below `/api/v1` with all its headers at hand. */
export const ask = (
  url: string,
  method: string,
  path: string,
  { token, body, headers }: { token?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Raw> => {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return raw(url, {
    method,
    path: `/api/v1${path}`,
    headers: {
      ...(text !== undefined && { "Content-Type": "application/json", "Content-Length": `${Buffer.byteLength(text)}` }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(text !== undefined && { body: text }),
  });
};

const Refused = v.strictObject({ error: v.strictObject(ErrorBody.entries) });

/** Status and code of a refusal. Throws where the answer is none, or not as the contract has it. */
export const refusalOf = ({ status, body }: Raw): [status: number, code: string] => {
  const { error } = v.parse(Refused, body);
  if (error.retryable !== errorCodes[error.code].retryable) throw new Error(`${error.code} is not told as it is meant`);
  return [status, error.code];
};

/** Serves a Koa of a test's own on a free port. */
export const serve = async (koa: Koa): Promise<{ url: string; close: () => void }> => {
  const answer = koa.callback();
  const http = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const close = () => {
    http.close();
    http.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, close };
};

/** Waits until Redis answers the connections between nodes: an app that ends while they still open leaves rejections behind. */
export const settled = async ({ app }: TestApp): Promise<void> => {
  const { publish, subscribe } = app.node.redis;
  await Promise.all([publish.ping(), subscribe.ping()]);
};

/** A session and its access token, without the detour over a login. */
export const tokenFor = async (app: TestApp, tenant: TestTenant, agent: TestAgent = tenant.agents[0]!) => {
  const sid = randomUUID();
  await app.superuser.query(
    "INSERT INTO sessions (tenant_id, id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, '-', now() + interval '1 day')",
    [tenant.id, sid, agent.id],
  );
  return app.app.node.tokens.signAccess({ sub: agent.id, tid: tenant.id, sid }).token;
};

export const logInRaw = (
  url: string,
  email: string,
  { tenant, wrong = false, headers = {} }: { tenant?: string; wrong?: boolean; headers?: Record<string, string> } = {},
): Promise<Raw> =>
  ask(url, "POST", "/auth/login", {
    body: { email, password: wrong ? "not the password" : password, ...(tenant !== undefined && { tenant }) },
    headers,
  });

/** The refresh cookie an answer sets, as `name=value`, and its attributes. */
export const cookieOf = ({ headers }: Raw): { cookie: string; attributes: string[] } | undefined => {
  const [cookie, ...attributes] = headers["set-cookie"]?.[0]?.split("; ") ?? [];
  return cookie === undefined ? undefined : { cookie, attributes };
};

export const refreshWith = (url: string, cookie: string | undefined, headers: Record<string, string> = {}) =>
  ask(url, "POST", "/auth/refresh", { headers: { ...(cookie !== undefined && { Cookie: cookie }), ...headers } });

/** The audit events of a tenant, oldest first. */
export const auditOf = async ({ superuser }: TestApp, tenant: TestTenant): Promise<any[]> => {
  const { rows } = await superuser.query("SELECT * FROM audit_events WHERE tenant_id = $1 ORDER BY created_at, id", [
    tenant.id,
  ]);
  return rows;
};
