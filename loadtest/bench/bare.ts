import { createServer } from "node:http";
import pg from "pg";
import { Server } from "socket.io";

/**
 * What Parley is measured against: a Socket.IO server that does nothing but echo to a room and ack, in the shapes and sizes
 * of Parley's wire. With DATABASE_URL it stores each message by an INSERT of its own before it acks, as most chat servers do.
 */
const { DATABASE_URL, PORT } = process.env;

const pool = DATABASE_URL === undefined ? undefined : new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
pool?.on("error", () => {});

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  pingInterval: 10_000,
  pingTimeout: 10_000,
  serveClient: false,
});

type Message = { conversationId: string; clientId: string; body: string };
type Ack = (answer: { ok: true; data: { entry: object; headSeq: number } }) => void;

const insert = `INSERT INTO messages (conversation_id, seq, id, author_id, client_id, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const heads = new Map<string, number>();

io.on("connection", (socket) => {
  const { rooms, authorId } = socket.handshake.auth as { rooms: string[]; authorId: string };
  void socket.join(rooms);
  socket.on("message:send", async ({ conversationId, clientId, body }: Message, ack: Ack) => {
    const seq = (heads.get(conversationId) ?? 0) + 1;
    heads.set(conversationId, seq);
    const entry = {
      id: crypto.randomUUID(),
      conversationId,
      audience: "public",
      seq,
      kind: "message",
      author: { kind: "contact", id: authorId },
      clientId,
      body,
      createdAt: new Date().toISOString(),
    };
    if (pool) await pool.query(insert, [conversationId, seq, entry.id, authorId, clientId, body, entry.createdAt]);
    socket.to(conversationId).emit("entry:appended", { entry });
    ack({ ok: true, data: { entry, headSeq: seq } });
  });
  socket.emit("session:ready", {});
});

http.listen(Number(PORT), "127.0.0.1");
