/** The headers that the function sink really sends, taken from the wire, so that the bare loop sends the same. */
import type { EngineParameters } from './engine-loop.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';

/** What the HTTP client adds by itself, for whoever uses it. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['host', 'connection', 'content-length']);

/** One flat list of names and values a record, in the order of the records' numbers. */
export async function captureHeads(
  fn: FunctionProcess,
  { keys, payload, total }: { readonly keys: number; readonly payload: number; readonly total: number },
): Promise<string[][]> {
  await fn.capture(total);
  const slices = { warmUp: 1500, settle: 0, slice: 0, slices: 1 };
  const parameters: EngineParameters = { url: fn.url, maxInFlight: 8, keys, payload, total, ...slices };
  await runMeasured('engine-loop', parameters);
  const { captured } = await fn.report();
  if (captured.length !== total) throw new Error(`capturing requests: ${captured.length} of ${total} came`);
  const heads = captured.map(parseHead);
  return heads.toSorted((a, b) => numberOf(a) - numberOf(b));
}

function parseHead(text: string): string[] {
  const flat: string[] = [];
  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(': ');
    const name = line.slice(0, colon);
    if (!OF_THE_CLIENT.has(name.toLowerCase())) flat.push(name, line.slice(colon + 2));
  }
  return flat;
}

function numberOf(head: readonly string[]): number {
  const id = head[head.indexOf('event-id') + 1] ?? '';
  return Number(id.slice(id.lastIndexOf(':') + 1));
}
