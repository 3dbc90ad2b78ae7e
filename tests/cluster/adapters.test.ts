import { describe, expect, test } from "vitest";
import type { Entry } from "../../server/contract/entities.ts";
import { startCluster, useCluster } from "../support/cluster.ts";
import type { Cluster } from "../support/cluster.ts";
import type { Person } from "../support/people.ts";
import type { TestTenant } from "../support/tenant.ts";

type Meeting = { tenant: TestTenant; contact: Person; agent: Person; conversationId: string };

/** `to` hears live, by `entry:appended`, what `from` says: repeated until the subscription is known to stand. */
const hearsLive = async (from: Person, to: Person, conversationId: string): Promise<void> => {
  const heard: Entry[] = [];
  const listener = ({ entry }: { entry: Entry }) => {
    if (entry.author.id === from.recording.actor.id) heard.push(entry);
  };
  to.socket.on("entry:appended", listener);
  for (let i = 1; heard.length === 0; i += 1) {
    if (i > 50) throw new Error(`${to.options.name} heard nothing live of ${from.options.name}`);
    const { ack } = await from.send(conversationId, `can you hear me? ${i}`);
    await to.upTo(conversationId, ack!.seq);
  }
  to.socket.off("entry:appended", listener);
};

/** A contact on the first node and an agent on the second, both hearing each other. */
const meet = async (cluster: Cluster): Promise<Meeting> => {
  const tenant = await cluster.tenant();
  const [first, second] = cluster.list;
  const contact = await cluster.contact(tenant, { at: first! });
  const agent = await cluster.agent(tenant, { at: second! });
  const { id: conversationId } = await contact.start("hello");
  await agent.open(conversationId);
  await hearsLive(agent, contact, conversationId);
  await hearsLive(contact, agent, conversationId);
  return { tenant, contact, agent, conversationId };
};

describe.each(["sharded", "streams", "classic"])("with the %s adapter", (ADAPTER) => {
  describe("while all is well", () => {
    const cluster = useCluster({ count: 3, env: { ADAPTER } });

    test("a message reaches the members on other nodes live, and nobody else", async () => {
      const stranger = await cluster().agent(await cluster().tenant(), { at: cluster().list[2]! });
      let overheard = 0;
      stranger.socket.onAny((event: string) => {
        if (/^(entry|timeline|conversation|typing|receipt)/u.test(event)) overheard += 1;
      });
      const { contact, agent, conversationId } = await meet(cluster());
      const live = agent.next<{ entry: Entry }>(
        "entry:appended",
        ({ entry }) => entry.body?.includes("the question") ?? false,
      );
      const { ack } = await contact.send(conversationId, "the question");
      expect((await live).entry).toMatchObject({ id: ack!.id, seq: ack!.seq });
      expect(overheard).toBe(0);
      expect(await cluster().verdict()).toContain("Nothing was lost");
    });

    test("an internal note reaches the agents on other nodes, and never the contact", async () => {
      const { tenant, contact, agent, conversationId } = await meet(cluster());
      const colleague = await cluster().agent(tenant, { at: cluster().list[0]! });
      await colleague.open(conversationId);
      const { ack } = await agent.send(conversationId, "a note", { audience: "internal" });
      await colleague.upTo(conversationId, ack!.seq, "internal");
      await agent.send(conversationId, "after the note");
      expect(contact.shownSeq(conversationId, "internal")).toBe(0);
      expect(await cluster().verdict()).toContain("Nothing was lost");
    });

    test("typing crosses nodes", async () => {
      const { contact, agent, conversationId } = await meet(cluster());
      const typing = contact.next("typing:changed");
      await agent.command("typing:set", { conversationId, typing: true });
      expect(await typing).toMatchObject({
        conversationId,
        audience: "public",
        actor: { kind: "agent" },
        typing: true,
      });
    });

    test("a receipt crosses nodes", async () => {
      const { contact, agent, conversationId } = await meet(cluster());
      const { ack } = await contact.send(conversationId, "did you read this?");
      const receipt = contact.next("receipt:recorded", ({ readSeq }) => readSeq === ack!.seq);
      await agent.command("receipt:record", { conversationId, readSeq: ack!.seq });
      expect(await receipt).toMatchObject({ conversationId, actor: { kind: "agent" }, readSeq: ack!.seq });
    });

    test("a change of the conversation crosses nodes", async () => {
      const { contact, agent, conversationId } = await meet(cluster());
      const updated = contact.next("conversation:updated", ({ conversation }) => conversation.status === "resolved");
      await agent.command("conversation:resolve", { conversationId });
      expect((await updated).conversation).toMatchObject({ id: conversationId, status: "resolved" });
      expect(await cluster().verdict()).toContain("Nothing was lost");
    });
  });

  describe.each(["refused", "swallowed"] as const)("while one node's Redis traffic is %s", (how) => {
    test("its members go on live among themselves, and the others heal", async () => {
      const cluster = await startCluster({ env: { ADAPTER } });
      const [first, second] = cluster.list;
      const { tenant, contact, agent, conversationId } = await meet(cluster);
      const near = await cluster.agent(tenant, { at: first! });
      await near.open(conversationId);
      await hearsLive(contact, near, conversationId);

      if (how === "refused") first!.redis.refuse();
      else first!.redis.swallow();
      const live = near.next<{ entry: Entry }>(
        "entry:appended",
        ({ entry }) => entry.body?.includes("alone") ?? false,
        3_000,
      );
      const question = await contact.send(conversationId, "are we alone?");
      expect((await live).entry.seq).toBe(question.ack!.seq);
      await agent.upTo(conversationId, question.ack!.seq);
      const answer = await agent.send(conversationId, "we are not");
      await contact.upTo(conversationId, answer.ack!.seq);
      // A newcomer is served as well: nothing at the door asks Redis for leave.
      const late = await cluster.contact(tenant, { at: first! });
      const another = await late.start("I am new here");
      await late.send(another.id, "and I can speak");

      first!.redis.heal();
      await hearsLive(contact, agent, conversationId);
      await hearsLive(agent, contact, conversationId);
      expect(second!.pid).toBeDefined();
      expect(await cluster.verdict()).toContain("Nothing was lost");
    });
  });
});
