import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  changeEdited,
  composeFor,
  resetComposing,
  startEditing,
  startReplyingTo,
  stopEditing,
  useComposing,
} from "../../agent-desktop/conversation/composing.ts";
import { claimDrafts, forgetDrafts, getDraft, setDraft } from "../../agent-desktop/conversation/drafts.ts";
import { followed, mostFollowed } from "../../agent-desktop/conversation/recent.ts";
import { conversationId as id } from "./samples.ts";

const about = { conversationId: id, audience: "public", seq: 7 } as const;

describe("drafts", () => {
  beforeEach(() => forgetDrafts());

  test("a note and a reply of one conversation are kept apart", () => {
    setDraft(id, "internal", "for colleagues");
    setDraft(id, "public", "for the contact");
    expect([getDraft(id, "public"), getDraft(id, "internal")]).toEqual(["for the contact", "for colleagues"]);
  });

  test("an emptied draft is forgotten", () => {
    setDraft(id, "public", "x");
    setDraft(id, "public", "");
    expect(getDraft(id, "public")).toBe("");
  });
});

/** A browser's storage, in memory. */
const storage = () => {
  const held = new Map<string, string>();
  return {
    get length() {
      return held.size;
    },
    key: (index: number) => [...held.keys()][index] ?? null,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
};

describe("whose drafts they are", () => {
  beforeEach(() => {
    vi.stubGlobal("localStorage", storage());
    return () => vi.unstubAllGlobals();
  });

  test("another person finds none of mine, and I find all when I return", () => {
    claimDrafts("acme:ada");
    setDraft(id, "public", "mine");
    claimDrafts("acme:ben");
    expect(getDraft(id, "public")).toBe("");
    setDraft(id, "public", "theirs");
    claimDrafts("acme:ada");
    expect(getDraft(id, "public")).toBe("mine");
  });

  test("one's own are forgotten at sign-out, and nobody else's", () => {
    for (const owner of ["acme:ada", "acme:ben"]) {
      claimDrafts(owner);
      setDraft(id, "public", owner);
    }
    forgetDrafts();
    claimDrafts("acme:ada");
    expect(getDraft(id, "public")).toBe("acme:ada");
    claimDrafts("acme:ben");
    expect(getDraft(id, "public")).toBe("");
  });
});

describe("following what was opened", () => {
  test("the latest opened are followed, the one opened longest ago is let go", () => {
    const ids = Array.from({ length: mostFollowed }, (_, index) => `c${index}`);
    expect(followed(ids, "new")).toEqual({ kept: ["new", ...ids.slice(0, -1)], released: [ids.at(-1)] });
    expect(followed(ids, "c3").kept[0]).toBe("c3");
    expect(followed(ids, "c3").released).toEqual([]);
  });
});

describe("what the composer is about", () => {
  beforeEach(resetComposing);

  test("an edit leaves the draft alone", () => {
    setDraft(id, "public", "half written");
    startEditing(about, "old words");
    changeEdited("new words");
    expect(useComposing.getState().editing?.body).toBe("new words");
    stopEditing();
    expect(getDraft(id, "public")).toBe("half written");
  });

  test("a quote belongs to its timeline: switching to the other drops it", () => {
    startReplyingTo(about);
    composeFor("public");
    expect(useComposing.getState().replyingTo).toEqual(about);
    composeFor("internal");
    expect(useComposing.getState()).toMatchObject({ audience: "internal", replyingTo: null });
  });

  test("every request asks for the caret", () => {
    const before = useComposing.getState().focusAsked;
    composeFor("public");
    composeFor("public");
    expect(useComposing.getState().focusAsked).toBe(before + 2);
  });
});
