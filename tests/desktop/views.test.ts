import { describe, expect, test } from "vitest";
import { belongs, narrow, orderOf, shelve, unansweredSince } from "../../agent-desktop/list/views.ts";
import { at, ben, conversation, me } from "./samples.ts";

const any = { status: null } as const;
const complete = { ids: new Set<string>(), complete: true };

describe("what belongs on a shelf", () => {
  test("mine are the ones I hold and still work on", () => {
    const shelf = { view: "mine", ...any } as const;
    expect(belongs(conversation({ assigneeId: me, status: "open" }), shelf, me)).toBe(true);
    expect(belongs(conversation({ assigneeId: ben, status: "open" }), shelf, me)).toBe(false);
    expect(belongs(conversation({ assigneeId: me, status: "resolved" }), shelf, me)).toBe(false);
  });

  test("the queue holds what waits for anybody", () => {
    expect(belongs(conversation(), { view: "queue", ...any }, me)).toBe(true);
    expect(belongs(conversation({ assigneeId: me, status: "open" }), { view: "queue", ...any }, me)).toBe(false);
  });

  test("a status narrows any view", () => {
    expect(belongs(conversation({ status: "resolved" }), { view: "all", status: "resolved" }, me)).toBe(true);
    expect(belongs(conversation({ status: "open" }), { view: "all", status: "resolved" }, me)).toBe(false);
  });
});

describe("the order of a shelf", () => {
  test("the latest word comes first, in the queue the longest wait", () => {
    const older = conversation({ createdAt: at(0), updatedAt: at(9) });
    const newer = conversation({ createdAt: at(5), updatedAt: at(6) });
    expect([newer, older].toSorted(orderOf("all"))).toEqual([older, newer]);
    expect([newer, older].toSorted(orderOf("queue"))).toEqual([older, newer]);
    expect([older, conversation({ ...newer, updatedAt: at(20) })].toSorted(orderOf("all"))[1]).toEqual(older);
  });

  test("in the queue priority comes before the wait, and the wait for an agent before age", () => {
    const old = conversation({ createdAt: at(0), queuedAt: at(30) });
    const young = conversation({ createdAt: at(9), queuedAt: at(9) });
    const urgent = conversation({ createdAt: at(20), queuedAt: at(20), priority: 2 });
    expect([old, young, urgent].toSorted(orderOf("queue"))).toEqual([urgent, young, old]);
  });

  test("the order is total, so that a list never flickers", () => {
    const same = [conversation(), conversation(), conversation()];
    for (const view of ["all", "queue"] as const)
      expect(same.toSorted(orderOf(view))).toEqual(same.toReversed().toSorted(orderOf(view)));
  });
});

describe("shelving what is known", () => {
  const shelf = { view: "all", ...any } as const;
  const [oldest, middle, newest] = [at(1), at(2), at(3)].map((updatedAt) => conversation({ updatedAt }));

  test("a complete shelf shows all that belongs", () => {
    expect(shelve([oldest!, newest!, middle!], shelf, me, complete)).toEqual([newest, middle, oldest]);
  });

  test("what lies beyond the last fetched one is left out while more pages remain", () => {
    const fetched = { ids: new Set([middle!.id]), complete: false };
    expect(shelve([oldest!, newest!, middle!], shelf, me, fetched)).toEqual([newest, middle]);
  });
});

describe("one department's queue", () => {
  test("holds its own and nothing else; without a choice it is everybody's", () => {
    const [mine, other] = [conversation({ departmentId: "d1" }), conversation({ departmentId: "d2" })];
    const queue = (departmentId: string | null) => ({ view: "queue" as const, status: null, departmentId });
    const held = (departmentId: string | null) => [mine, other].filter((one) => belongs(one, queue(departmentId), me));
    expect(held("d1")).toEqual([mine]);
    expect(held(null)).toEqual([mine, other]);
  });
});

describe("filtering by words", () => {
  test("every word must occur, in the name, the subject, a tag, the holder or the last message", () => {
    const match = conversation({ subject: "Broken lamp", tags: ["vip"] });
    const other = conversation({ subject: "Refund" });
    expect(narrow([match, other], "LENA lamp vip")).toEqual([match]);
    expect(narrow([match, other], "  ")).toEqual([match, other]);
  });

  test("accents, case and ways to write the same letter make no difference", () => {
    const match = conversation({ subject: "Cafe\u0301 ÅNGSTRÖM" });
    for (const words of ["café", "CAFE", "angstrom", "Ångström"]) expect(narrow([match], words)).toEqual([match]);
    expect(narrow([match], "cafeteria")).toEqual([]);
  });

  test("what the server found is kept, whatever of it is shown here", () => {
    const [found, other] = [conversation(), conversation()];
    expect(narrow([found, other], "by-address@example.com", new Set([found.id]))).toEqual([found]);
  });
});

describe("since when a contact waits", () => {
  test("is since their words, also in the queue, and nobody waits who was answered or is done with", () => {
    const [queuedAt, waitingSince] = [at(-30), at(-2)];
    expect(unansweredSince(conversation({ queuedAt, waitingSince }))).toBe(waitingSince);
    expect(unansweredSince(conversation({ queuedAt, firstResponseAt: at(-20) }))).toBeUndefined();
    expect(unansweredSince(conversation({ status: "open", queuedAt }))).toBeUndefined();
    expect(unansweredSince(conversation({ status: "resolved", waitingSince }))).toBeUndefined();
  });

  test("is since they came where they have said nothing yet", () => {
    expect(unansweredSince(conversation({ queuedAt: at(-3) }))).toBe(at(-3));
  });
});
