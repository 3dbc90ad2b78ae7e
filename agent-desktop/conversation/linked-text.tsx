import { Fragment } from "react";
import { linkParts } from "./links.ts";

/** What a person wrote, as text; only web addresses become links, and those tell the other site nothing. */
export const LinkedText = ({ text }: { text: string }) =>
  linkParts(text).map(({ text: part, href }, index) =>
    href ? (
      <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
