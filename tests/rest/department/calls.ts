import * as v from "valibot";
import { expect } from "vitest";
import type { RouteSpec } from "../../../server/contract/define.ts";
import { settingsRoutes } from "../../../server/contract/settings-routes.ts";
import type { TestApp } from "../../support/app.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { ask, type Raw, refusalOf, tokenFor } from "../requests.ts";

type Name = keyof typeof settingsRoutes;
type Parts = { params?: Record<string, string>; query?: string; body?: unknown };

/** One person's way to the settings of their workspace. */
export type Settings = {
  /** The answer as it came. */
  ask: (name: Name, parts?: Parts) => Promise<Raw>;
  /** What a route answers, with its status and in exactly the shape it declares. */
  call: (name: Name, parts?: Parts) => Promise<any>;
  /** Status and code of a refusal, in the shape the contract gives it. */
  refused: (name: Name, parts?: Parts) => Promise<[status: number, code: string]>;
};

export const settingsOf = async (app: TestApp, tenant: TestTenant, agent?: TestAgent): Promise<Settings> => {
  const token = await tokenFor(app, tenant, agent);
  const send: Settings["ask"] = (name, { params = {}, query = "", body } = {}) => {
    const { method, path }: RouteSpec = settingsRoutes[name];
    const filled = path.replace(/:(\w+)/gu, (_whole, param: string) => params[param]!);
    return ask(app.url, method, `${filled}${query}`, { token, body });
  };
  return {
    ask: send,
    call: async (name, parts) => {
      const { status, response }: RouteSpec = settingsRoutes[name];
      const answer = await send(name, parts);
      expect([answer.status, answer.body?.error]).toEqual([status, undefined]);
      if (response === null) return undefined;
      expect(v.parse(response, answer.body)).toEqual(answer.body);
      return answer.body;
    },
    refused: async (name, parts) => refusalOf(await send(name, parts)),
  };
};
