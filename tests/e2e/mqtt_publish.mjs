// Publishes messages over MQTT 3.1.1 at QoS 1 and waits for their PUBACKs: what a test of the browser
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

const pubackBytes = 4;

export async function publish(address, { username, password }, topic, ...payloads) {
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
  payloads.forEach((payload, n) => {
    const body = [text(topic), Buffer.from([(n + 1) >> 8, (n + 1) & 255]), Buffer.from(payload)];
    socket.write(packet(0x32, Buffer.concat(body)));
  });
  let acknowledged = 0;
  while (acknowledged < payloads.length * pubackBytes) {
    const { value } = await answers.next();
    if (!value) throw new Error('no PUBACK');
    acknowledged += value.length;
  }
  socket.end(packet(0xe0, Buffer.alloc(0)));
}
