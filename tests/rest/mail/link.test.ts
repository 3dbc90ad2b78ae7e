import { expect, test } from "vitest";
import { linkTo } from "../../../server/features/mail/link.ts";

test.each([
  [{ HOST: "127.0.0.1", PORT: 3000 }, "http://localhost:3000"],
  [{ HOST: "0.0.0.0", PORT: 80 }, "http://localhost:80"],
  [{ HOST: "::", PORT: 3000 }, "http://localhost:3000"],
  [{ HOST: "10.0.0.5", PORT: 3000 }, "http://10.0.0.5:3000"],
  [{ HOST: "fd00::5", PORT: 3000 }, "http://[fd00::5]:3000"],
  [{ HOST: "127.0.0.1", PORT: 3000, PUBLIC_URL: "https://chat.example/" }, "https://chat.example"],
])("links of %j begin with %s", (config, address) => {
  const link = linkTo({ PUBLIC_URL: undefined, ...config }, "invitation", { token: "a.b+c&d" });
  expect(link).toBe(`${address}/desktop/#/invitation?token=a.b%2Bc%26d`);
  // What opens a door is never sent to a server by following the link.
  expect(new URL(link).hash).toContain("token=");
});
