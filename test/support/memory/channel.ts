/** Carries the protocol of the in-memory broker over the IPC channel between a test and a process that it forked. */
import type { ChildProcess } from 'node:child_process';
import type { BrokerConnection, Connect, MemberEvents } from './protocol.ts';

/** What both ends of a channel have; `fork` needs `serialization: 'advanced'`, so that payloads stay bytes. */
interface Port {
  send?: ((message: Message, callback: (error: Error | null) => void) => boolean) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Message =
  | { readonly kind: 'request'; readonly id: number; readonly target: string; readonly args: readonly unknown[] }
  | { readonly kind: 'reply'; readonly id: number; readonly value?: unknown; readonly error?: string };

/** In the test: lets a forked process use the broker. When the process dies, so do its connections. */
export function serveBroker(connect: Connect, child: ChildProcess): void {
  let connection: BrokerConnection | undefined;
  const call = exchange(child, {
    connect: async () => {
      connection = await connect(events);
    },
    join: async (membership) => connected().join(membership),
    fetch: async (places, max) => connected().fetch(places, max),
    commit: async (partition, epoch, checkpoint) => connected().commit(partition, epoch, checkpoint),
    ends: async () => connected().ends(),
    leave: async () => connected().leave(),
  } satisfies Calls);
  const events: MemberEvents = {
    assigned: (assignments) => void call('assigned', assignments).catch(() => {}),
    revoke: async (partitions) => {
      await call('revoke', partitions);
    },
    lost: (partitions) => void call('lost', partitions).catch(() => {}),
    closed: (why) => void call('closed', why).catch(() => {}),
  };
  const connected = () => {
    if (connection === undefined) throw new Error('calling the memory broker: connect first');
    return connection;
  };
  child.once('exit', () => {
    void connection?.leave();
  });
}

/** In the forked process: connections to the broker of the test. */
export function brokerOverChannel(port: Port): Connect {
  let events: MemberEvents | undefined;
  const call = exchange(port, {
    assigned: async (assignments) => events?.assigned(assignments),
    revoke: async (partitions) => events?.revoke(partitions),
    lost: async (partitions) => events?.lost(partitions),
    closed: async (why) => events?.closed(why),
  } satisfies Tellings);
  const connection = {
    join: (membership) => call('join', membership),
    fetch: (places, max) => call('fetch', places, max),
    commit: (partition, epoch, checkpoint) => call('commit', partition, epoch, checkpoint),
    ends: () => call('ends'),
    leave: () => call('leave'),
  } as Record<keyof BrokerConnection, (...args: unknown[]) => Promise<unknown>>;
  return async (listener) => {
    events = listener;
    await call('connect');
    // The channel carries what the broker answers to these very calls; their types are those of the protocol.
    return connection as unknown as BrokerConnection;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: arguments come off a channel; each entry declares those of the protocol.
type Handler = (...args: any[]) => Promise<unknown>;
type Calls = Record<keyof BrokerConnection | 'connect', Handler>;
type Tellings = Record<keyof MemberEvents, Handler>;

/** Answers the other end's requests with `handlers` and returns the function that makes requests of it. */
function exchange(port: Port, handlers: Readonly<Record<string, Handler>>) {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let id = 0;
  const send = (message: Message) => {
    // A process that has just died can't be told anything; its `exit` says so.
    port.send?.(message, () => {});
  };
  port.on('message', (raw) => {
    const message = raw as Message;
    if (message.kind === 'request') {
      void answer(handlers[message.target], message.args).then((reply) =>
        send({ kind: 'reply', id: message.id, ...reply }),
      );
    }
    if (message.kind !== 'reply') return;
    const { resolve, reject } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.error === undefined) resolve?.(message.value);
    else reject?.(new Error(message.error));
  });
  return (target: string, ...args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(++id, { resolve, reject });
      send({ kind: 'request', id, target, args });
    });
}

async function answer(handler: Handler | undefined, args: readonly unknown[]) {
  try {
    return { value: await handler?.(...args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
