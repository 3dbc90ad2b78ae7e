import { Badge, Tooltip } from "@mantine/core";
import { IconRosetteDiscountCheck, IconUserQuestion } from "@tabler/icons-react";
import type { Conversation } from "../../server/contract/entities.ts";
import { Face } from "../list/face.tsx";
import { contactName } from "../list/names.ts";
import { useClientState } from "../session/client-context.tsx";
import classes from "./details.module.css";

type Props = { conversation: Conversation; email: string | null | undefined };

/** Who the contact is, how to reach them, and how far one may believe it. */
export const ContactCard = ({ conversation, email }: Props) => {
  const { contact } = conversation;
  const presence = useClientState((state) => (contact ? state.presence[`contact:${contact.id}`]?.presence : undefined));
  const name = contactName(conversation);
  return (
    <div className={classes["contact"]}>
      <Face name={name} size={62} />
      <h2 className={classes["contactName"]} dir="auto">
        {name}
      </h2>
      {contact && (
        <Tooltip
          multiline
          maw={250}
          label={
            contact.verified
              ? "Your site confirmed who this is."
              : "Nobody has confirmed who this is. Don't share anything private."
          }
        >
          <Badge
            variant="default"
            tt="none"
            leftSection={
              contact.verified ? (
                <IconRosetteDiscountCheck size={13} aria-hidden />
              ) : (
                <IconUserQuestion size={13} aria-hidden />
              )
            }
          >
            {contact.verified ? "Verified" : "Visitor, not verified"}
          </Badge>
        </Tooltip>
      )}
      {email && (
        <a className={classes["email"]} href={`mailto:${email}`} dir="auto">
          {email}
        </a>
      )}
      {email && presence !== "online" && (
        <span className={classes["hint"]}>Your replies are mailed there if they aren't read here.</span>
      )}
      {presence && <span style={{ fontSize: 12.5, color: "var(--ink-soft)" }}>{presence}</span>}
    </div>
  );
};
