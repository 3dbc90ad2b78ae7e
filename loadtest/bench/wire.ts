import { connect, type Socket } from "node:net";

/**
 * The generator's own WebSocket: as little as Engine.IO and Socket.IO need, over one read buffer shared by all sockets.
 * A message in flight costs the generator about 15 us here (write, read of the ack, read of the event), most of it system
 * calls; socket.io-client takes several times that, and then the generator is what is measured. Every result shows what
 * the generator used, so that nobody has to believe this.
 */
export type Wire = {
  /** Bytes of whole frames, made by `frameOf`. */
  write: (frames: Buffer) => void;
  send: (text: string) => void;
  /** Called for each text message with the place of its payload; the bytes are overwritten after the call. */
  listen: (bytes: Buffer, start: number, end: number) => void;
  close: () => void;
  /** Resolves with the reason when the connection is gone. */
  readonly closed: Promise<string>;
};

// Not zero, which servers may skip: unmasking is part of what a real client costs them. Not random: frames are patched.
export const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** Where the payload of a frame made by `frameOf` begins. */
export const payloadAt = (length: number): number => (length < 126 ? 6 : 8);

/** One masked text frame, for texts below 64 KiB. */
export const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const at = payloadAt(payload.length);
  const frame = Buffer.allocUnsafe(at + payload.length);
  frame[0] = 0x81;
  if (at === 6) frame[1] = 0x80 | payload.length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(payload.length, 2);
  }
  mask.copy(frame, at - 4);
  for (let i = 0; i < payload.length; i++) frame[at + i] = payload[i]! ^ mask[i & 3]!;
  return frame;
};

const shared = Buffer.allocUnsafe(1 << 18);
const pong = frameOf("3");
const ping = 0x32;
const text = 1;

/** Cuts what was read into frames and hands the text ones on; returns what is left of an unfinished one. */
const cut = (bytes: Buffer, socket: Socket, wire: Pick<Wire, "listen">): Buffer | undefined => {
  const end = bytes.length;
  let at = 0;
  while (end - at >= 2) {
    let length = bytes[at + 1]! & 0x7f;
    let body = at + 2;
    if (length === 126) {
      if (end - at < 4) break;
      length = bytes.readUInt16BE(at + 2);
      body += 2;
    } else if (length === 127) {
      if (end - at < 10) break;
      length = Number(bytes.readBigUInt64BE(at + 2));
      body += 8;
    }
    if (end - body < length) break;
    const opcode = bytes[at]! & 0x0f;
    at = body + length;
    if (opcode !== text) continue;
    if (length === 1 && bytes[body] === ping) socket.write(pong);
    else wire.listen(bytes, body, at);
  }
  return at === end ? undefined : Buffer.from(bytes.subarray(at));
};

/** Opens a WebSocket to the Engine.IO server at `port` of this machine. Who calls sets `listen` before anything arrives. */
export const openWire = (port: number, origin?: string): Wire => {
  let open = false;
  let rest: Buffer | undefined;
  let reason = "the server closed the connection";
  const read = (count: number): boolean => {
    let bytes: Buffer = shared.subarray(0, count);
    if (rest) bytes = Buffer.concat([rest, bytes]);
    if (!open) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) {
        rest = Buffer.from(bytes);
        return true;
      }
      const status = bytes.toString("latin1", 0, bytes.indexOf("\r\n"));
      if (!status.includes(" 101 ")) {
        reason = `the server refused the WebSocket: ${status}`;
        socket.destroy();
        return true;
      }
      open = true;
      bytes = bytes.subarray(end + 4);
    }
    rest = cut(bytes, socket, wire);
    return true;
  };
  const socket = connect({ port, host: "127.0.0.1", onread: { buffer: shared, callback: read } });
  socket.setNoDelay(true);
  socket.once("connect", () =>
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: cGFybGV5LWxvYWR0ZXN0IQ==\r\nSec-WebSocket-Version: 13\r\n${origin ? `Origin: ${origin}\r\n` : ""}\r\n`,
    ),
  );
  socket.on("error", (error) => {
    reason = error.message;
  });
  const wire: Wire = {
    write: (frames) => void socket.write(frames),
    send: (message) => void socket.write(frameOf(message)),
    listen: () => {},
    close: () => socket.destroy(),
    closed: new Promise((done) => socket.once("close", () => done(reason))),
  };
  return wire;
};
