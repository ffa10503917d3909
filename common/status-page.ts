/** `/status`: answered at once or, to whoever prefers to wait (RFC 7240), when something worth telling changes. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface Status {
  /** All of it: anything that JSON can say. */
  read(): unknown;
  /** The part that is worth telling at once, as text; numbers aren't. */
  news(): string;
}

export interface StatusAnswer {
  readonly body: string;
  /** Names the news. A question with it in `If-None-Match`, and `Prefer: wait=<seconds>`, waits for other news. */
  readonly etag: string;
}

/** Milliseconds between two looks for somebody who waits. */
const LOOK = 500;
/** Milliseconds. */
const LONGEST = 60_000;
/** So many wait at once; others are answered at once. */
const MOST = 16;

export function createStatusPage({ read, news }: Status): (request: IncomingMessage) => Promise<StatusAnswer> {
  let waiting = 0;
  const tag = () => `"${createHash('sha1').update(news()).digest('base64url')}"`;

  async function otherNews(than: string, wait: number, { socket }: IncomingMessage): Promise<void> {
    const until = performance.now() + wait;
    for (let left = wait; left > 0 && tag() === than && !socket.destroyed; left = until - performance.now()) {
      await delay(Math.min(LOOK, left), undefined, { ref: false });
    }
  }

  return async (request) => {
    const { prefer, 'if-none-match': known = '' } = request.headers;
    const wait = waitOf(prefer);
    if (wait > 0 && waiting < MOST) {
      waiting += 1;
      await otherNews(known, wait, request).finally(() => {
        waiting -= 1;
      });
    }
    return { body: `${JSON.stringify(read())}\n`, etag: tag() };
  };
}

/** Milliseconds; 0 where nothing like it is asked for. */
function waitOf(prefer: string | readonly string[] | undefined): number {
  const [, seconds = '0'] = /(?:^|[,;\s])wait=(\d{1,5})(?:$|[,;\s])/.exec(String(prefer)) ?? [];
  return Math.min(LONGEST, Number(seconds) * 1000);
}
