// Publishes one message over MQTT 3.1.1 at QoS 1 and waits for its PUBACK: what a test of the browser
// side needs of a device, and no more.
import { connect } from 'node:net';

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

function packet(type, body) {
  const length = [];
  for (let left = body.length; ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

export async function publish(address, { username, password }, topic, payload) {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  const answers = socket[Symbol.asyncIterator]();
  const hello = [
    text('MQTT'),
    Buffer.from([4, 0xc2, 0, 30]),
    text(username),
    text(username),
    text(password),
  ];
  socket.write(packet(0x10, Buffer.concat(hello)));
  const accepted = (await answers.next()).value;
  if (accepted?.[0] !== 0x20 || accepted[3] !== 0) throw new Error('CONNECT was refused');
  const body = [text(topic), Buffer.from([0, 1]), Buffer.from(payload)];
  socket.write(packet(0x32, Buffer.concat(body)));
  const stored = (await answers.next()).value;
  socket.end(packet(0xe0, Buffer.alloc(0)));
  if (stored?.[0] !== 0x40) throw new Error('no PUBACK');
}
