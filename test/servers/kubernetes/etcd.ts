/** The one call of etcd's JSON API that tests need. */

/** Forgets all revisions before the newest. */
export async function compactEtcd(etcdUrl: string): Promise<void> {
  const anyKey = Buffer.from('/').toString('base64');
  const { header } = (await call('range', { key: anyKey })) as { header: { revision: string } };
  await call('compaction', { revision: header.revision, physical: true });

  async function call(what: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${etcdUrl}/v3/kv/${what}`, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`compacting etcd: ${what} answered ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
