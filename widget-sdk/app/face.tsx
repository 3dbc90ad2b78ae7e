/** @jsxImportSource preact */
import { initials } from "../../server/contract/text.ts";

/** An agent's initials, with a dot that says whether they are there, where that is known. */
export const Face = ({ name, here }: { name: string; here?: "online" | "idle" | "offline" | undefined }) => (
  <span class="face" aria-hidden="true">
    {initials(name)}
    {here && <span class="dot" data-here={here} />}
  </span>
);
