import { Button, Kbd } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Offer } from "../../server/contract/agent.ts";
import { previewOf } from "../list/preview.ts";
import { Face } from "../list/face.tsx";
import { contactName } from "../list/names.ts";
import { queuedSince } from "../list/views.ts";
import { waitingText } from "../list/waiting.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useMe, useNameOf, useObstacle } from "../session/viewer.ts";
import { announce } from "../shell/announcer.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { acceptOffer, askReason, useAnswers } from "./answer.ts";
import { offerKey, secondsLeft, shareLeft } from "./offers.ts";
import classes from "./offers.module.css";
import { useOffers } from "./use-offers.ts";

const shownAtMost = 3;

const One = ({ offer, now, first }: { offer: Offer; now: number; first: boolean }) => {
  const client = useClient();
  const me = useMe();
  const nameOf = useNameOf();
  const obstacle = useObstacle("offer.answer");
  const known = useClientState((state) => state.conversations[offer.conversation.id]);
  const departments = useClientState((state) => state.session.departments);
  const conversation = known ?? offer.conversation;
  const name = contactName(conversation);
  const preview = previewOf(conversation, me, nameOf);
  const left = secondsLeft(offer, now);
  const department = departments.find(({ id }) => id === conversation.departmentId)?.name;
  const declined = useAnswers((state) => state.declined.has(conversation.id));
  const waited = waitingText(queuedSince(conversation), now);
  return (
    <li className={classes["offer"]} data-urgent={left <= 10 || undefined}>
      <Face name={name} size={34} />
      <div className={classes["text"]}>
        <strong>{name}</strong>
        <span className={classes["facts"]}>
          {department && `${department} · `}
          {declined
            ? "you declined it, and nobody else took it"
            : waited === "now"
              ? "just arrived"
              : `waiting ${waited}`}
        </span>
        <span className={classes["preview"]} dir="auto">
          {preview.by && <bdi>{preview.by}: </bdi>}
          {preview.text}
        </span>
      </div>
      <span className={classes["left"]} role="timer" aria-label={`${left} seconds left`}>
        {left} s
      </span>
      <GuardedButton
        size="xs"
        obstacle={obstacle}
        rightSection={first ? <Kbd size="xs">y</Kbd> : undefined}
        onClick={() => void acceptOffer(client, offer)}
      >
        Accept
      </GuardedButton>
      <Button
        size="xs"
        variant="default"
        rightSection={first ? <Kbd size="xs">x</Kbd> : undefined}
        onClick={() => askReason(offer)}
      >
        Decline…
      </Button>
      <span className={classes["bar"]} style={{ inlineSize: `${shareLeft(offer, now) * 100}%` }} aria-hidden />
    </li>
  );
};

/** What is held out to the viewer, above everything else, with the time that is left to say yes or no. */
export const OfferStack = () => {
  const { offers, now } = useOffers();
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const offer of offers) {
      if (told.current.has(offerKey(offer))) continue;
      told.current.add(offerKey(offer));
      announce(`${contactName(offer.conversation)} is offered to you. y accepts, x declines.`);
    }
  }, [offers]);
  if (offers.length === 0) return null;
  return (
    <section className={classes["stack"]} aria-label="Offered to you">
      <ul>
        {offers.slice(0, shownAtMost).map((offer, index) => (
          <One key={offerKey(offer)} offer={offer} now={now} first={index === 0} />
        ))}
      </ul>
      {offers.length > shownAtMost && <p>{offers.length - shownAtMost} more after these</p>}
    </section>
  );
};
