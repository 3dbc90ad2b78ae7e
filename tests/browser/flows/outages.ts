import { afterEach, expect, test } from "vitest";
import type { Stage } from "../stage.ts";
import type { Desk } from "../desk.ts";
import type { Visitor } from "../visitor.ts";
import { talk } from "./talking.ts";

/** Where connections break, nodes die and tabs multiply. */
export const outages = (stage: () => Stage): void => {
  afterEach(async () => {
    const { cluster, shopDoor, deskDoor } = stage();
    const [first, second] = cluster.list;
    for (const { proxy } of [shopDoor, deskDoor]) proxy.heal();
    await Promise.all(cluster.list.filter(({ pid }) => pid === undefined).map((node) => node.start()));
    shopDoor.proxy.retarget({ host: "127.0.0.1", port: first!.port });
    deskDoor.proxy.retarget({ host: "127.0.0.1", port: second!.port });
  });

  const everyoneShowsOnce = async (text: string, people: (Visitor | Desk)[]) => {
    for (const { log } of people) {
      const shown = log.getByText(text, { exact: true });
      await expect(shown.first()).toShow();
      expect(await shown.count()).toBe(1);
    }
    const { rows } = await stage().cluster.superuser.query("SELECT FROM entries WHERE body = $1", [text]);
    expect(rows).toHaveLength(1);
  };

  test("two tabs of one visitor show the same, whichever of them speaks", async () => {
    const { tenant: found, visitor: enter, agent: signIn, window } = stage();
    const tenant = await found();
    const person = await window();
    const [one, desk] = await Promise.all([enter(tenant, { window: person }), signIn(tenant)]);
    await one.openChat();
    await one.say("Said in the first tab");
    await expect(one.message("Said in the first tab").getByText("Sent")).toShow();
    const two = await enter(tenant, { window: person });
    await two.openChat();
    await expect(two.text("Said in the first tab")).toShow();
    await two.say("Said in the second tab");
    await expect(one.text("Said in the second tab")).toShow();
    await desk.find("Queue", "Said in the second tab");
    await desk.reply("Said by the agent");
    await expect(two.message("Said in the second tab").getByText("Read")).toShow();
    await everyoneShowsOnce("Said by the agent", [one, two, desk]);
    await everyoneShowsOnce("Said in the second tab", [one, two, desk]);
    await expect.poll(async () => (await one.reads()).join("\n")).toBe((await two.reads()).join("\n"));
  });

  test("a visitor who is offline is told so, and what they write waits and arrives once", async () => {
    const { visitor, desk } = await talk(stage());
    await visitor.page.context().setOffline(true);
    await expect(visitor.banner.getByText("You are offline. What you write is sent once you are back.")).toShow();
    await visitor.say("Written in a tunnel");
    await expect(visitor.message("Written in a tunnel").getByText("Sending")).toShow();
    expect(await desk.message("Written in a tunnel").count()).toBe(0);
    await visitor.page.context().setOffline(false);
    await expect(visitor.message("Written in a tunnel").getByText("Read")).toShow();
    await expect(visitor.banner).toVanish();
    await everyoneShowsOnce("Written in a tunnel", [visitor, desk]);
  });

  test("an agent who is offline is told so at once, and what they write waits and arrives once", async () => {
    const { visitor, desk } = await talk(stage());
    await desk.page.context().setOffline(true);
    await expect(desk.page.getByText("You are offline. What you send goes out when the network is back.")).toShow();
    await desk.reply("Written in a lift");
    expect(await visitor.text("Written in a lift").count()).toBe(0);
    await desk.page.context().setOffline(false);
    await everyoneShowsOnce("Written in a lift", [visitor, desk]);
  });

  test("what was written offline survives a reload, and arrives once", async () => {
    const { visitor, desk } = await talk(stage());
    const { shopDoor } = stage();
    shopDoor.proxy.refuse();
    await expect(visitor.banner).toShow();
    await visitor.say("Written, then reloaded");
    shopDoor.proxy.heal();
    await visitor.page.reload();
    await visitor.openChat();
    await expect(visitor.message("Written, then reloaded").getByText("Read")).toShow();
    await everyoneShowsOnce("Written, then reloaded", [visitor, desk]);
  });

  test("a message whose answer is lost is sent again and stands once", async () => {
    const { visitor, desk } = await talk(stage());
    const cut = stage().shopDoor.proxy.cutWhen({ direction: "toServer", marker: "Said but once", act: "after" });
    await visitor.say("Said but once");
    await cut;
    await expect(visitor.message("Said but once").getByText("Read")).toShow();
    await everyoneShowsOnce("Said but once", [visitor, desk]);
  });

  test("a visitor's page survives the death of its node, and what was written meanwhile arrives once", async () => {
    const { cluster, shopDoor } = stage();
    const { visitor, desk } = await talk(stage());
    const [first, second] = cluster.list;
    await first!.kill();
    await expect(visitor.banner).toShow();
    await visitor.say("Is anybody left?");
    await expect(visitor.message("Is anybody left?").getByText("Sending")).toShow();
    shopDoor.proxy.retarget({ host: "127.0.0.1", port: second!.port });
    await expect(visitor.message("Is anybody left?").getByText("Read")).toShow();
    await desk.reply("All of us.");
    await everyoneShowsOnce("Is anybody left?", [visitor, desk]);
    await everyoneShowsOnce("All of us.", [visitor, desk]);
  });

  test("an agent's page survives the death of its node, catches up, and sends what was written meanwhile once", async () => {
    const { cluster, deskDoor } = stage();
    const { visitor, desk } = await talk(stage());
    const [first, second] = cluster.list;
    await second!.kill();
    await expect(desk.banner).toShow();
    await visitor.say("Still there?");
    await expect(visitor.message("Still there?").getByText("Sent")).toShow();
    await desk.reply("Written without a node");
    await expect(desk.message("Written without a node").getByText("Will be sent once connected")).toShow();
    deskDoor.proxy.retarget({ host: "127.0.0.1", port: first!.port });
    await expect(desk.message("Still there?")).toShow();
    await expect(visitor.text("Written without a node")).toShow();
    await expect(desk.banner).toVanish();
    await everyoneShowsOnce("Still there?", [visitor, desk]);
    await everyoneShowsOnce("Written without a node", [visitor, desk]);
  });
};
