// A network between a browser and the server that can be cut, or swallow what the server says.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Network {
  /** Starts one in front of `port`, and ends it with the test. */
  static async before(t, port) {
    const network = new Network();
    network.pairs = new Set();
    network.gate = createServer((near) => network.#join(near, port)).listen(0, '127.0.0.1');
    await once(network.gate, 'listening');
    t.after(() => {
      network.cut();
      network.gate.close();
    });
    network.url = `http://127.0.0.1:${network.gate.address().port}`;
    return network;
  }

  /** Nobody gets through. */
  down = false;
  /** What the server says is lost on the way; what it is told arrives. */
  deaf = false;

  #join(near, port) {
    if (this.down) return near.resetAndDestroy();
    const far = connect(port, '127.0.0.1');
    const pair = { near, far };
    this.pairs.add(pair);
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => this.deaf || near.write(data));
    const end = () => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    for (const side of [near, far]) side.on('close', end).on('error', end);
  }

  /** Cuts every connection there is. */
  cut() {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  }
}
