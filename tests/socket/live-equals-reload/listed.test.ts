import { describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { laterDeeds } from "../support/deeds.ts";
import { cases, liveAndReloaded } from "../support/reload.ts";

describe("whoever has only listed it is told within seconds:", () => {
  const app = useApp({ HEAL_INTERVAL_MS: "100" });

  test.each([...cases, ...Object.entries(laterDeeds)])("%s", async (_title, deed) => {
    const { live, reloaded } = await liveAndReloaded(deed, app(), { opens: false, patienceMs: 5_000 });
    expect(live).toEqual(reloaded);
  });
});
