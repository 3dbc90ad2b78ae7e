import { Fragment } from "react";
import { linkify } from "../../server/contract/links.ts";

/** What a person wrote, as text; only addresses become links, and those tell the other site nothing. */
export const LinkedText = ({ text }: { text: string }) =>
  linkify(text).map(({ text: part, href }, index) =>
    href ? (
      <a
        key={index}
        href={href}
        target={href.startsWith("http") ? "_blank" : undefined}
        rel="noopener noreferrer nofollow"
      >
        {part}
      </a>
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
