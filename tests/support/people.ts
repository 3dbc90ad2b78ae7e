import jwt from "jsonwebtoken";
import type { LoginData } from "../../server/contract/admin.ts";
import type { Witness } from "./evidence.ts";
import { expectAsDescribed } from "./openapi.ts";
import { SdkPerson } from "./sdk-person.ts";
import { password } from "./tenant.ts";
import type { TestAgent, TestTenant } from "./tenant.ts";
import { VirtualClient } from "./virtual-client.ts";

export type Answer<T = any> = { status: number; body: T; headers: Headers };

const parsed = (text: string) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** One REST request under `/api/v1`; the body of the answer is parsed where there is one. */
export const rest = async <T = any>(
  url: string,
  method: string,
  path: string,
  { token, body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer<T>> => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: text === "" ? undefined : parsed(text) };
  expectAsDescribed({ ...answer, method, path, type: response.headers.get("content-type") ?? undefined });
  return answer;
};

/** Logs an agent in over REST; throws when that is refused. */
export const logIn = async (url: string, { email }: TestAgent, tenant?: TestTenant): Promise<LoginData> => {
  const answer = await rest<LoginData>(url, "POST", "/auth/login", {
    body: { email, password, ...(tenant && { tenant: tenant.slug }) },
  });
  if (answer.status !== 200) throw new Error(`login of ${email}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** The short-lived token a customer's backend signs for its own user `sub`. */
export const identityToken = (tenant: TestTenant, sub: string, claims: Record<string, unknown> = {}): string =>
  jwt.sign({ sub, ...claims }, tenant.inbox.identitySecret, { algorithm: "HS256", expiresIn: "5m" });

export type Person = VirtualClient & Witness;

// A person's next socket: the same one to the server, another name in reports.
const asWitness = (client: VirtualClient, again: () => VirtualClient): Person => Object.assign(client, { again });

let counter = 0;
const unique = (name: string) => `${name}-${(counter += 1)}`;

export type ContactOptions = {
  name?: string;
  origin?: string;
  visitorToken?: string;
  identityToken?: string;
  inboxKey?: string;
  /** Where a trusted proxy says that they are. */
  address?: string;
  /** Where the same person connects again for a fresh look; default the same address. */
  againAt?: string;
};

/** A contact's widget, not connected yet. */
export const contactAt = (url: string, tenant: TestTenant, options: ContactOptions = {}): Person => {
  const person: Person = asWitness(
    new VirtualClient({
      name: unique(options.name ?? "contact"),
      url,
      namespace: "/widget",
      tenantId: tenant.id,
      origin: options.origin ?? tenant.inbox.origin,
      ...(options.address !== undefined && { address: options.address }),
      auth: () => ({
        inboxKey: options.inboxKey ?? tenant.inbox.key,
        ...(options.identityToken !== undefined && { identityToken: options.identityToken }),
      }),
    }),
    () =>
      contactAt(options.againAt ?? url, tenant, {
        ...options,
        ...(person.visitorToken !== undefined && { visitorToken: person.visitorToken }),
      }),
  );
  person.visitorToken = options.visitorToken;
  return person;
};

export type AgentOptions = {
  agent?: TestAgent;
  /** Asked at every connect; by default one login serves all. */
  token?: () => string | Promise<string>;
  againAt?: string;
};

/** An agent's desktop, not connected yet; the tenant's first agent unless another is named. */
export const agentAt = (url: string, tenant: TestTenant, options: AgentOptions = {}): Person => {
  const agent = options.agent ?? tenant.agents[0]!;
  let login: Promise<string> | undefined;
  const logInOnce = () =>
    (login ??= logIn(url, agent, tenant).then(
      ({ accessToken }) => accessToken,
      (error: unknown) => {
        // The node that was asked may just have died; the next connect asks again.
        login = undefined;
        throw error;
      },
    ));
  const token = options.token ?? logInOnce;
  return asWitness(
    new VirtualClient({
      name: unique(agent.role),
      url,
      namespace: "/agent",
      tenantId: tenant.id,
      auth: async () => ({ accessToken: await token() }),
    }),
    () => agentAt(options.againAt ?? url, tenant, { ...options, agent, token }),
  );
};

/** A contact on the client that Parley ships. */
export const sdkContactAt = (
  url: string,
  tenant: TestTenant,
  { againAt = url }: { againAt?: string } = {},
): SdkPerson & Witness => {
  const { origin, key } = tenant.inbox;
  const person = new SdkPerson({
    name: unique("sdk-contact"),
    url,
    namespace: "/widget",
    tenantId: tenant.id,
    origin,
    auth: () => ({ inboxKey: key }),
  });
  const again = () =>
    contactAt(againAt, tenant, { ...(person.visitorToken !== undefined && { visitorToken: person.visitorToken }) });
  return Object.assign(person, { again });
};

/** An agent on the client that Parley ships. */
export const sdkAgentAt = (url: string, tenant: TestTenant, options: AgentOptions = {}): SdkPerson & Witness => {
  const { agent = tenant.agents[0]!, againAt = url } = options;
  const token = options.token ?? (async () => (await logIn(url, agent, tenant)).accessToken);
  const person = new SdkPerson({
    name: unique(`sdk-${agent.role}`),
    url,
    namespace: "/agent",
    tenantId: tenant.id,
    auth: async () => ({ accessToken: await token() }),
  });
  return Object.assign(person, { again: () => agentAt(againAt, tenant, { agent, token }) });
};
