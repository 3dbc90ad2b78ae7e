import { describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { cases, liveAndReloaded } from "../support/reload.ts";

describe("whoever has opened a conversation is told at once, without any healing:", () => {
  const app = useApp({ HEAL_INTERVAL_MS: "60000" });

  test.each(cases)("%s", async (_title, deed) => {
    const { live, reloaded } = await liveAndReloaded(deed, app(), { opens: true, patienceMs: 2_000 });
    expect(live).toEqual(reloaded);
  });
});
