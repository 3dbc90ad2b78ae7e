/** A node as the balancer sees it. */
export type Backend = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Takes new connections: its last health check said so, and no connection to it has failed since. */
  ready: boolean;
  /** What the ids of its long-polling sessions start with; kept while it drains, when its clients still need it. */
  tag: string | undefined;
};

/** Asks one node how it is: undefined when it does not answer within a second. */
const ask = async ({ host, port }: Backend): Promise<{ ready: boolean; tag?: unknown } | undefined> => {
  try {
    const response = await fetch(`http://${host}:${port}/health/ready`, { signal: AbortSignal.timeout(1_000) });
    const { tag } = (await response.json()) as { tag?: unknown };
    return { ready: response.ok, tag };
  } catch {
    return undefined;
  }
};

export type Backends = {
  readonly list: Backend[];
  /** Whom to try for a request, best first: the owner of the session `sid`, then the ready ones in turn. */
  candidates: (sid: string | undefined) => Backend[];
  /** Takes a node out at once: it refused a connection. The next good health check takes it in again. */
  down: (backend: Backend) => void;
  stop: () => void;
};

/**
 * Keeps an eye on nodes, given as `name`, `host` and `port`: asks each for its health every `everyMs`, and tells
 * `onChange` when one comes or goes. Resolves after the first round.
 */
export const watchNodes = async (
  nodes: { name: string; host: string; port: number }[],
  { everyMs = 500, onChange }: { everyMs?: number; onChange?: (backend: Backend) => void } = {},
): Promise<Backends> => {
  const list: Backend[] = nodes.map((node) => ({ ...node, ready: false, tag: undefined }));
  const set = (backend: Backend, ready: boolean) => {
    if (backend.ready === ready) return;
    backend.ready = ready;
    onChange?.(backend);
  };
  const check = async (backend: Backend) => {
    const health = await ask(backend);
    if (typeof health?.tag === "string") backend.tag = health.tag;
    set(backend, health?.ready ?? false);
  };
  // Each node by itself: one that is frozen must not delay the news of the others.
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const keepChecking = (backend: Backend) => {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void check(backend).then(() => keepChecking(backend));
    }, everyMs);
    timers.add(timer);
  };
  await Promise.all(list.map(check));
  for (const backend of list) keepChecking(backend);

  let turn = 0;
  return {
    list,
    candidates: (sid) => {
      turn = (turn + 1) % Math.max(1, list.length);
      const inTurn = [...list.slice(turn), ...list.slice(0, turn)].filter(({ ready }) => ready);
      const owner =
        sid === undefined ? undefined : list.find(({ tag }) => tag !== undefined && sid.startsWith(`${tag}.`));
      return owner ? [owner, ...inTurn.filter((backend) => backend !== owner)] : inTurn;
    },
    down: (backend) => set(backend, false),
    stop: () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
};
