import { expect, onTestFinished } from "vitest";
import type * as v from "valibot";
import type { Audience, Entry } from "../../../server/contract/entities.ts";
import type { VirtualClient } from "../../support/virtual-client.ts";
import { contractOf } from "./ask.ts";
import { breachOf } from "./exact.ts";

/** Told some moments after what it tells of: to whom, and what, is tried where it is awaited. */
const paced = new Set(["presence:changed", "queue:changed", "inbox:changed"]);

/** Everything a socket hears from now on, in the order it came. At the end of the test all of it must fit the contract. */
export class Ear {
  readonly heard: { event: string; payload: any }[] = [];
  readonly #person: VirtualClient;

  constructor(person: VirtualClient) {
    this.#person = person;
    person.socket.onAny((event: string, payload: unknown) => this.heard.push({ event, payload }));
  }

  /** What came under this name, and matches. */
  of<T = any>(event: string, matches: (payload: T) => boolean = () => true): T[] {
    return this.heard.filter((one) => one.event === event && matches(one.payload)).map(({ payload }) => payload);
  }

  entries(conversationId: string, audience: Audience = "public"): Entry[] {
    return this.of<{ entry: Entry }>("entry:appended")
      .map(({ entry }) => entry)
      .filter((entry) => entry.conversationId === conversationId && entry.audience === audience);
  }

  /** The first that came or is to come under this name, and matches. */
  async next<T = any>(event: string, matches: (payload: T) => boolean = () => true, ms = 10_000): Promise<T> {
    const look = () => {
      const payload = this.of(event, matches)[0];
      return payload === undefined ? undefined : { payload };
    };
    const found = await this.#person.until(look, `event ${event}`, ms);
    return found.payload;
  }

  /**
   * Resolves when whatever was told so far has arrived: events and answers reach a socket in one order, so the answer to a
   * question asked now comes after them.
   */
  async calm(): Promise<this> {
    await this.#person.command("conversation:list", { limit: 1 });
    return this;
  }

  /** What was heard but for what comes at its own pace, whatever is being tried. */
  get news() {
    return this.heard.filter(({ event }) => !paced.has(event));
  }

  /** What was heard that the contract does not allow. */
  breaches(): string[] {
    const events: Record<string, v.GenericSchema | undefined> = contractOf(this.#person).events;
    return this.heard.flatMap(({ event, payload }) => {
      const schema = events[event];
      if (!schema) return [`${event} is no event of the contract`];
      const breach = breachOf(schema, payload);
      return breach ? [`${event}: ${breach}`] : [];
    });
  }
}

/** Listens to what this socket is told from now on, until the test ends; what it was told before has arrived. */
export const hear = async (person: VirtualClient): Promise<Ear> => {
  const ear = new Ear(person);
  await ear.calm();
  ear.heard.length = 0;
  onTestFinished(() => expect(ear.breaches()).toEqual([]));
  return ear;
};

export const hearAll = async <P extends VirtualClient[]>(...people: P): Promise<{ [K in keyof P]: Ear }> =>
  (await Promise.all(people.map(hear))) as { [K in keyof P]: Ear };
