/** Headers as a server sees them. */
import { expect } from 'chai';

/** By name in lower case; fails where a server would join two of them. */
export function headersIn(list: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < list.length; i += 2) {
    const name = (list[i] ?? '').toLowerCase();
    expect(headers, name).not.to.have.property(name);
    headers[name] = list[i + 1] ?? '';
  }
  return headers;
}
