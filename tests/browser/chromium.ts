import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { findChromium } from "./install.ts";

/** A headless browser that asks nothing of the world outside this machine. Whoever launches it closes it. */
export const launchChromium = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await findChromium(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
