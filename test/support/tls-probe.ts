/** Connects to a host over TLS with all that does, in a process whose environment says whom the system trusts. */
import { TLS_CLIENTS } from './tls-clients.ts';

const host = process.argv[2] ?? '';
const results: Record<string, string> = {};
for (const [name, connect] of Object.entries(TLS_CLIENTS)) results[name] = await connect(host);
process.stdout.write(JSON.stringify(results), () => process.exit());
