import type { Logger } from "pino";
import { contactRoom } from "./rooms.ts";

/** A place in the queue, as its contact is told it. `estimatedWaitSeconds` is null when nothing is known yet. */
export type Place = { conversationId: string; position: number; estimatedWaitSeconds: number | null };

/** Tells waiting contacts their place in the queue, some moments after it changed. */
export type QueueNews = {
  /** The queue of a department changed: somebody came, left or moved. Costs nothing: many changes are one look. */
  changed: (tenantId: string, departmentId: string) => void;
  /** The same, found by healing: each node finds it by itself and tells its own contacts. */
  healed: (tenantId: string, departmentId: string) => void;
  /** Agents came, went or chose otherwise: waits that this node has told of may be others now. */
  agentsChanged: (tenantId: string) => void;
  /** The places of a contact's own conversations, for a socket that has just come. */
  placesOf: (tenantId: string, conversationIds: string[]) => Promise<Place[]>;
  stop: () => void;
};

/** Of a process without sockets: nodes find what a worker changed by healing. */
export const silentQueueNews: QueueNews = {
  changed: () => {},
  healed: () => {},
  agentsChanged: () => {},
  placesOf: () => Promise.resolve([]),
  stop: () => {},
};

/** A queue in its order: whoever is next stands first. */
export type Queue = { contactId: string; place: Place }[];

type Options = {
  log: Logger;
  /** The queue of a department as it is now. */
  listQueue: (tenantId: string, departmentId: string) => Promise<Queue>;
  /** The departments in which these conversations wait. */
  departmentsOf: (tenantId: string, conversationIds: string[]) => Promise<string[]>;
  emit: (rooms: string[], event: string, data: unknown) => void;
  emitLocally: (rooms: string[], event: string, data: unknown) => void;
};

type Department = { told: Map<string, string>; everywhere: boolean; timer: NodeJS.Timeout | undefined };

const windowMs = 300;
// In a long queue every place moves with every change: it is told less often, which nobody at its end minds.
const longQueue = 200;
const longWindowMs = 2_000;

/**
 * One look at a department's queue per window, whatever happened in it: one query, and one event for each contact whose
 * place or wait is another than what was last told. The node that changed the queue tells the contacts of all nodes.
 */
export const createQueueNews = ({ log, listQueue, departmentsOf, emit, emitLocally }: Options): QueueNews => {
  const departments = new Map<string, Department>();
  const recent = new Map<string, Promise<Queue>>();
  let stopped = false;

  const tell = async (tenantId: string, departmentId: string, key: string): Promise<void> => {
    const department = departments.get(key)!;
    const { everywhere, told } = department;
    department.timer = undefined;
    department.everywhere = false;
    const queue = await listQueue(tenantId, departmentId);
    const next = new Map<string, string>();
    for (const { contactId, place } of queue) {
      const { conversationId, position, estimatedWaitSeconds } = place;
      const words = `${position} ${estimatedWaitSeconds}`;
      next.set(conversationId, words);
      if (told.get(conversationId) === words) continue;
      (everywhere ? emit : emitLocally)([contactRoom(tenantId, contactId)], "queue:changed", place);
    }
    department.told = next;
    if (queue.length === 0 && !department.timer) departments.delete(key);
  };

  const soon = (tenantId: string, departmentId: string, everywhere: boolean): void => {
    if (stopped) return;
    const key = `${tenantId}:${departmentId}`;
    const department = departments.get(key) ?? { told: new Map(), everywhere: false, timer: undefined };
    departments.set(key, department);
    department.everywhere ||= everywhere;
    if (department.timer) return;
    const wait = department.told.size > longQueue ? longWindowMs : windowMs;
    department.timer = setTimeout(() => {
      tell(tenantId, departmentId, key).catch((error: unknown) => {
        // What was told last is uncertain now: the next change tells everybody.
        departments.delete(key);
        log.warn({ err: error }, "places in a queue were not told");
      });
    }, wait);
    department.timer.unref();
  };

  /** After an outage all who wait come back at once: a queue is listed for them once a window. */
  const recentQueue = (tenantId: string, departmentId: string): Promise<Queue> => {
    const key = `${tenantId}:${departmentId}`;
    let queue = recent.get(key);
    if (!queue) {
      queue = listQueue(tenantId, departmentId);
      recent.set(key, queue);
      setTimeout(() => recent.delete(key), windowMs).unref();
    }
    return queue;
  };

  return {
    changed: (tenantId, departmentId) => soon(tenantId, departmentId, true),
    healed: (tenantId, departmentId) => soon(tenantId, departmentId, false),
    agentsChanged: (tenantId) => {
      for (const [key, { told }] of departments)
        if (told.size > 0 && key.startsWith(tenantId)) soon(tenantId, key.slice(tenantId.length + 1), true);
    },
    placesOf: async (tenantId, conversationIds) => {
      if (conversationIds.length === 0) return [];
      const wanted = new Set(conversationIds);
      const queues = (await departmentsOf(tenantId, conversationIds)).map((id) => recentQueue(tenantId, id));
      return (await Promise.all(queues))
        .flat()
        .flatMap(({ place }) => (wanted.has(place.conversationId) ? [place] : []));
    },
    stop: () => {
      stopped = true;
      for (const { timer } of departments.values()) clearTimeout(timer);
    },
  };
};
