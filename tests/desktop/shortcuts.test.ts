import { describe, expect, test } from "vitest";
import { alertWorthy } from "../../agent-desktop/shell/alert-worthy.ts";
import { wishOf, type Press } from "../../agent-desktop/shell/shortcuts.ts";
import { at, ben, byAgent, conversation, me, message, noon } from "./samples.ts";

const press = (key: string, change: Partial<Press> = {}) =>
  wishOf({ key, modified: false, where: "elsewhere", singleKeys: true, ...change });

describe("keys", () => {
  test("single letters ask for something only where nobody is writing", () => {
    expect(press("r")).toBe("reply");
    expect(press("r", { where: "text" })).toBeNull();
    expect(press("r", { where: "overlay" })).toBeNull();
  });

  test("the browser's own combinations are left to it", () => {
    expect(press("r", { modified: true })).toBeNull();
  });

  test("arrows move in the list and scroll elsewhere", () => {
    expect(press("ArrowDown", { where: "list" })).toBe("next");
    expect(press("ArrowDown")).toBeNull();
  });

  test("whoever switched single keys off keeps the arrows and Esc", () => {
    const off = { singleKeys: false };
    expect(["j", "?", "/"].map((key) => press(key, off))).toEqual([null, null, null]);
    expect(press("ArrowUp", { ...off, where: "list" })).toBe("previous");
    expect(press("Escape", { ...off, where: "text" })).toBe("back");
  });
});

describe("what is worth a sound", () => {
  const held = conversation({ assigneeId: me, status: "open", lastEntry: message(1, 0) });
  const news = (before: typeof held | null, after: typeof held, minutes = 0) =>
    alertWorthy(before ? { [before.id]: before } : {}, { [after.id]: after }, me, noon + minutes * 60_000).length > 0;

  test("a contact's new message in one's own conversation or in the queue is", () => {
    expect(news(held, { ...held, lastEntry: message(2, 1) })).toBe(true);
    expect(news(null, conversation({ lastEntry: message(1, 0) }))).toBe(true);
  });

  test("a colleague's conversation, an agent's words, and what was known already are not", () => {
    expect(news(held, { ...held, assigneeId: ben, lastEntry: message(2, 1) })).toBe(false);
    expect(news(held, { ...held, lastEntry: message(2, 1, { author: byAgent(ben) }) })).toBe(false);
    expect(news(held, { ...held, version: 9 })).toBe(false);
  });

  test("an old conversation that is merely listed for the first time is not", () => {
    expect(news(null, conversation({ lastEntry: message(1, 0), updatedAt: at(0) }), 10)).toBe(false);
  });
});
