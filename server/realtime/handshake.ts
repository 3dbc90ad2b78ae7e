import * as v from "valibot";
import type { Socket } from "socket.io";
import { isPassing } from "../../db/client.ts";
import { breachOf } from "../breach.ts";
import { networkOf } from "../client-address.ts";
import type { AgentActor, ContactActor, Node } from "../context.ts";
import { AgentAuth } from "../contract/agent.ts";
import { Refusal } from "../contract/errors.ts";
import { WidgetAuth } from "../contract/widget.ts";
import { identifyContact } from "../features/contact/identify.ts";
import type { InboxAccess } from "../features/inbox/access.ts";
import type { Admission } from "../features/inbox/admission.ts";
import { accessSession, type AgentSession } from "../features/session/access.ts";
import { type FloodWatch, sourceOf } from "./flood.ts";
import { type Buckets, type Limiter, visitorBuckets } from "../limits.ts";
import type { OpenSockets } from "./open-sockets.ts";

type Tenant = { id: string; name: string };
/** What every entrance needs. */
type Doors = { node: Node; limiter: Limiter; floods: FloodWatch; openSockets: OpenSockets; isDraining: () => boolean };
export type WidgetEntrance = {
  tenant: Tenant;
  actor: ContactActor;
  visitorToken: string;
  email?: string;
  admission: Admission;
};
export type AgentEntrance = { tenant: Tenant; actor: AgentActor; session: AgentSession; expiresAt: number };

const parse = <S extends v.GenericSchema<any, any>>(schema: S, auth: unknown): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, auth, { abortEarly: true });
  if (!parsed.success) throw new Refusal("invalid_payload", breachOf(parsed.issues[0], "auth"));
  return parsed.output;
};

const takeOrRefuse = (limiter: Limiter, limitClass: "handshake" | "visitor", ...all: Buckets[]): void => {
  const wait = limiter.take(limitClass, ...all);
  if (wait > 0)
    throw new Refusal("rate_limited", "Too many connections came from your address. Please wait a moment.", {
      retryAfterMs: wait,
    });
};

/** Who comes to the widget. Throws Refusal. */
export const enterWidget = async (
  { node, limiter }: Pick<Doors, "node" | "limiter">,
  findInbox: InboxAccess,
  socket: Socket,
  network: string,
): Promise<WidgetEntrance> => {
  const auth = parse(WidgetAuth, socket.handshake.auth);
  const { origin = "" } = socket.handshake.headers;
  const inbox = await findInbox(auth.inboxKey, socket.handshake.headers.origin);
  const [address, ...place] = visitorBuckets(limiter, network, inbox.tenant.id, inbox.id);
  takeOrRefuse(limiter, "handshake", ...place);
  const { isNew, secretId, ...identified } = await identifyContact(node, inbox, { ...auth, origin });
  if (isNew) takeOrRefuse(limiter, "visitor", address!, ...place);
  const admission = {
    tenantId: inbox.tenant.id,
    inboxId: inbox.id,
    origin,
    ...(secretId !== undefined && { secretId }),
  };
  return { tenant: inbox.tenant, ...identified, admission };
};

/** Which agent signs in. Throws Refusal. */
export const enterDesktop = async (node: Node, socket: Socket): Promise<AgentEntrance> => {
  const { accessToken } = parse(AgentAuth, socket.handshake.auth);
  const claims = node.tokens.checkAccess(accessToken);
  const session = await accessSession(node, claims);
  return { tenant: session.tenant, actor: session.actor, session, expiresAt: claims.exp };
};

/**
 * Wraps a namespace's entrance: limits, the refusal as `connect_error` with `data`, and nothing that escapes. What the
 * entrance found is handed to the connection in `socket.data.entrance`.
 */
export const guardHandshake =
  <E extends { tenant: Tenant; actor: { kind: string; id: string } }>(
    { node, limiter, floods, openSockets, isDraining }: Doors,
    enter: (socket: Socket, network: string) => Promise<E>,
  ) =>
  (socket: Socket, next: (error?: Error) => void): void => {
    const namespace = socket.nsp.name;
    const refuse = (error: unknown) => {
      let refusal: Refusal;
      if (error instanceof Refusal) refusal = error;
      else if (isPassing(error)) refusal = new Refusal("unavailable", "The service can't be reached right now.");
      else {
        node.log.error({ err: error, namespace }, "a handshake failed");
        refusal = new Refusal("internal", "Something went wrong on our side.");
      }
      node.metrics.handshakes.inc({ namespace, outcome: refusal.code });
      node.log.info(
        { namespace, code: refusal.code, reason: refusal.details?.["reason"], origin: socket.handshake.headers.origin },
        "refused a handshake",
      );
      next(Object.assign(new Error(refusal.message), { data: refusal.toBody() }));
    };
    const address = node.addressOf(socket.handshake.address, socket.handshake.headers);
    const network = networkOf(address);
    const admit = async () => {
      takeOrRefuse(limiter, "handshake", limiter.bucketsOf(`address:${network}`, "address"));
      if (openSockets.isFull(network))
        throw new Refusal("rate_limited", "Too many connections are open from your address.", { retryAfterMs: 30_000 });
      if (isDraining()) throw new Refusal("unavailable", "The connection is about to close. Please connect again.");
      const entrance = await enter(socket, network);
      const blocked = floods.blockedFor(sourceOf(entrance.tenant.id, entrance.actor, network));
      if (blocked > 0)
        throw new Refusal("rate_limited", "Too many of your requests were refused. Please wait a moment.", {
          retryAfterMs: blocked,
        });
      openSockets.admit(socket, `${entrance.tenant.id}:${entrance.actor.id}`);
      node.metrics.handshakes.inc({ namespace, outcome: "ok" });
      socket.data = { entrance, address };
      next();
    };
    admit().catch(refuse);
  };
