/** What a real Pulsar says of names that a trigger may have, and of those that it may not. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { isSubscriptionName, isTopicName } from '../../api/kinds/pulsar-names.ts';
import { usePulsar } from '../servers/pulsar/shared.ts';

describe('a name of Pulsar', function () {
  this.timeout(60_000);
  const pulsar = usePulsar();

  const TAKEN = ['a\nb', ' a', 'a\t', 'ü', 'a%2Fb', 'a;b?c#d', '...', 'a..', '\u00a0'];
  const REFUSED = ['   ', '\n', '\t', 'a\0b', '.', '..'];

  for (const [names, verdict] of [
    [TAKEN, true],
    [REFUSED, false],
  ] as const) {
    for (const name of names) {
      it(`is ${verdict ? 'taken' : 'refused'} by broker and manifest alike: ${JSON.stringify(name)}`, async () => {
        const id = randomUUID();
        expect(isTopicName(name)).equals(verdict);
        expect(isSubscriptionName(name)).equals(verdict);
        expect(await connects(verdict ? `${id}${name}` : name, 'names')).equals(verdict);
        expect(await connects(id, name)).equals(verdict);
      });
    }
  }

  function connects(topic: string, subscription: string): Promise<boolean> {
    const path = `/ws/v2/consumer/persistent/public/default/${encodeURIComponent(topic)}/${encodeURIComponent(subscription)}`;
    const socket = new WebSocket(new URL(path, pulsar().wsUrl));
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        socket.close();
        resolve(true);
      });
      socket.once('unexpected-response', (_, { statusCode = 0 }) => {
        socket.terminate();
        resolve(statusCode < 400);
      });
      socket.once('error', reject);
    });
  }
});
