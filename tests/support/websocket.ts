import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

/** Opcodes of RFC 6455. */
export const opcode: Record<"continuation" | "text" | "binary" | "close" | "ping" | "pong", number> = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
};

export type Frame = { opcode: number; payload: Buffer };

/** Cuts a byte stream into WebSocket frames, unmasking where the sender masked. Feed it what follows the handshake. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const short = bytes[1]! & 0x7f;
    const masked = (bytes[1]! & 0x80) !== 0;
    let at = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < at + (masked ? 4 : 0)) return undefined;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    const mask = masked ? bytes.subarray(at, (at += 4)) : undefined;
    if (bytes.length < at + length) return undefined;
    const payload = Buffer.from(bytes.subarray(at, at + length));
    if (mask) for (let i = 0; i < payload.length; i += 1) payload[i]! ^= mask[i & 3]!;
    this.#rest = bytes.subarray(at + length);
    return { opcode: bytes[0]! & 0x0f, payload };
  }
}

/** Reads a client's side of a connection: the HTTP handshake as it is, then the text inside the masked frames. */
export class PayloadReader {
  readonly #frames = new FrameReader();
  #head: string | undefined = "";

  push(chunk: Buffer): string {
    if (this.#head === undefined) return this.#text(chunk);
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0 || !/\r\nupgrade: *websocket/iu.test(this.#head)) {
      const plain = this.#head;
      this.#head = end < 0 ? plain : "";
      return plain;
    }
    const head = this.#head.slice(0, end);
    const rest = Buffer.from(this.#head.slice(end + 4), "latin1");
    this.#head = undefined;
    return head + this.#text(rest);
  }

  #text(bytes: Buffer): string {
    return this.#frames
      .push(bytes)
      .map(({ payload }) => payload.toString("latin1"))
      .join("");
  }
}

/** One frame as a client sends it. `masked: false` and `fin: false` make what a server must refuse or wait on. */
export const encodeFrame = (
  payload: Buffer | string,
  { code = opcode.text, masked = true, fin = true, reserved = 0 } = {},
): Buffer => {
  const body = Buffer.from(payload);
  const length = body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127;
  const header = Buffer.alloc(length === 127 ? 10 : length === 126 ? 4 : 2);
  header[0] = (fin ? 0x80 : 0) | (reserved << 4) | code;
  header[1] = (masked ? 0x80 : 0) | length;
  if (length === 126) header.writeUInt16BE(body.length, 2);
  if (length === 127) header.writeBigUInt64BE(BigInt(body.length), 2);
  if (!masked) return Buffer.concat([header, body]);
  const mask = randomBytes(4);
  for (let i = 0; i < body.length; i += 1) body[i]! ^= mask[i & 3]!;
  return Buffer.concat([header, mask, body]);
};

/**
 * A WebSocket with nothing in between: what a library would never send can be sent. `frames` holds what the server
 * said, `closeCode` the code of its close frame, `closed` resolves when the connection is gone.
 */
export class RawWebSocket {
  readonly frames: Frame[] = [];
  readonly closed: Promise<void>;
  closeCode: number | undefined;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        resolve();
        this.#wake();
      });
    });
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.read(chunk));
  }

  read(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) {
      this.frames.push(frame);
      if (frame.opcode === opcode.close && frame.payload.length >= 2) this.closeCode = frame.payload.readUInt16BE(0);
      // Engine.IO's heartbeat is a text frame; without the answer a patient test would lose its connection.
      if (frame.opcode === opcode.text && frame.payload.toString() === "2") this.text("3");
    }
    this.#wake();
  }

  /** Sends bytes as they are. */
  raw(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  text(payload: string): void {
    this.raw(encodeFrame(payload));
  }

  /** The first text frame that matches, among those received and those to come; throws when the connection ends first. */
  async next(matches: (text: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.frames.find((frame) => frame.opcode === opcode.text && matches(frame.payload.toString()));
      if (found) return found.payload.toString();
      if (this.#socket.destroyed) throw new Error("The connection ended before the expected frame came");
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Opens a raw Engine.IO connection (`/socket.io/`, WebSocket only) to a server at `port`; throws when it is refused. */
export const openRawWebSocket = async (port: number, headers: Record<string, string> = {}): Promise<RawWebSocket> => {
  const socket = connect({ host: "127.0.0.1", port }).setNoDelay(true);
  await once(socket, "connect");
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Version": "13",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  let head = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    head = Buffer.concat([head, chunk as Buffer]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const status = head.subarray(0, end).toString("latin1").split("\r\n", 1)[0]!;
    if (!status.includes(" 101 ")) {
      socket.destroy();
      throw new Error(`The server refused the WebSocket: ${status}`);
    }
    const opened = new RawWebSocket(socket);
    opened.read(head.subarray(end + 4));
    return opened;
  }
  throw new Error("The connection ended before the WebSocket was open");
};
