// A wire between the browser and the server that can be cut without a sign: bytes are swallowed, connections stay open.
import { connect, createServer, Server as Listener, Socket } from 'node:net';

export class Wire {
  private isSwallowing = false;
  private readonly pairs = new Set<{ near: Socket; far: Socket; isDead: boolean }>();

  private constructor(private readonly listener: Listener, readonly port: number) {}

  /** Lays a wire to a port of this machine. */
  static async to(port: number): Promise<Wire> {
    return new Promise((laid) => {
      const listener = createServer((near) => wire.join(near, port)).listen(0, '127.0.0.1', () => {
        const address = listener.address();
        wire = new Wire(listener, typeof address === 'object' && address ? address.port : 0);
        laid(wire);
      });
      let wire: Wire;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on everything is swallowed, also on connections that are opened. */
  swallow(): void {
    this.isSwallowing = true;
    for (const pair of this.pairs) pair.isDead = true;
  }

  /** New connections work again; those of before stay as dead as after a change of networks. */
  heal(): void {
    this.isSwallowing = false;
  }

  end(): void {
    this.listener.close();
    for (const { near, far } of this.pairs) [near, far].forEach((socket) => socket.destroy());
  }

  private join(near: Socket, port: number): void {
    const pair = { near, far: connect(port, '127.0.0.1'), isDead: this.isSwallowing };
    this.pairs.add(pair);
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (bytes) => { if (!pair.isDead) to.write(bytes); });
      from.on('error', () => to.destroy());
      from.on('close', () => { to.destroy(); this.pairs.delete(pair); });
    };
    pass(pair.near, pair.far);
    pass(pair.far, pair.near);
  }
}
