/**
 * Namespaces of a node's own (network, processes, mounts): what it starts, mounts and routes in there is gone when they
 * are, and nothing of the machine changes but a link and two routes, which go with them.
 */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../../support/wait-for.ts';
import { lastLines, startGuarded } from '../guarded-process.ts';
import { pauseProgram } from './node-parts.ts';

export interface NodeNamespace {
  /** The machine's end of the link: servers that pods shall reach listen there. */
  readonly hostAddress: string;
  /** The node's end. */
  readonly nodeAddress: string;
  /** Routed from the machine, so that tests reach pods by their addresses. */
  readonly podCidr: string;
  /** The same command, run inside. */
  inside(command: readonly [string, ...string[]]): readonly [string, ...string[]];
  /** Kills all that runs inside. Idempotent. */
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** What containerd, CNI and kubelet write to fixed places stays inside, too. */
const SETUP = `
for folder in /run /var/log /var/lib/cni /var/lib/kubelet; do
  mkdir -p $folder && mount -t tmpfs tmpfs $folder || exit 1
done
ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward && exec "$0"`;

/** Makes the namespaces; root only. `folder` is removed when the test process dies without having stopped them. */
export async function startNodeNamespace(folder: string): Promise<NodeNamespace> {
  const logFile = join(folder, 'namespace.log');
  const unshare = ['--net', '--pid', '--mount', '--propagation', 'private', '--fork', '--mount-proc'];
  const holder = await startGuarded({
    command: 'unshare',
    args: [...unshare, '--kill-child=SIGKILL', 'sh', '-c', SETUP, await pauseProgram()],
    folder,
    logFile,
  });
  const stop = async () => {
    // With its first process a namespace's others end, and `unshare` ends when all of them have.
    holder.signal('SIGKILL', await childOf(holder.pid));
    await holder.ended;
  };
  try {
    const first = await waitFor(() => firstProcess(holder.pid), { what: 'the first process of the namespaces' });
    const inside = (command: readonly [string, ...string[]]): readonly [string, ...string[]] => [
      'nsenter',
      '--target',
      String(first),
      '--net',
      '--pid',
      '--mount',
      '--',
      ...command,
    ];
    return { ...(await connect(first, inside)), inside, stop };
  } catch (cause) {
    await stop();
    throw new Error(`starting a node: making its namespaces\n${await lastLines(logFile, 5)}`, { cause });
  }
}

/** The pause program, once the setup is done. */
async function firstProcess(unshare: number): Promise<number | undefined> {
  const pid = await childOf(unshare);
  if (pid === undefined) return undefined;
  const name = await readFile(`/proc/${pid}/comm`, 'utf8');
  return name.trim() === 'pause' ? pid : undefined;
}

/** Returns the one process that `pid` has started. */
export async function childOf(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return Number(children.trim().split(' ')[0]) || undefined;
}

/** Puts a link between machine and node. Addresses are of the range for benchmarks between networks (RFC 2544). */
async function connect(first: number, inside: NodeNamespace['inside']) {
  const link = `kt${first}`;
  const peer = `${link}n`;
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', peer, 'netns', String(first));
  for (let attempt = 0; ; attempt++) {
    const number = randomInt(256);
    const hostAddress = `198.19.${number}.1`;
    const nodeAddress = `198.19.${number}.2`;
    const podCidr = `198.18.${number}.0/24`;
    // A range that another node has is refused.
    await ip('link', 'set', link, 'up');
    const taken = await ip('route', 'add', podCidr, 'dev', link).then(
      () => false,
      (error) => error,
    );
    if (taken && attempt < 20) continue;
    if (taken) throw taken;
    await ip('addr', 'add', `${hostAddress}/30`, 'dev', link);
    await ip('route', 'replace', podCidr, 'via', nodeAddress, 'dev', link, 'onlink');
    const [program, ...args] = inside([
      'sh',
      '-c',
      `ip addr add ${nodeAddress}/30 dev ${peer} && ip link set ${peer} up && ip route add default via ${hostAddress}`,
    ]);
    await run(program, args);
    return { hostAddress, nodeAddress, podCidr };
  }
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', args);
}
