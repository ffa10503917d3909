/** What a Pulsar standalone of the tests is configured with: one bookie, loopback only, little memory. */
import type { TokenKey } from './token.ts';

export interface Settings {
  /** What it listens on. */
  readonly address: string;
  readonly brokerPort: number;
  readonly webPort: number;
  /** Switches token authentication and authorization on; the super-user is `admin`. */
  readonly tokenKey?: TokenKey;
}

/** Renders standalone.conf. */
export function renderSettings({ address, brokerPort, webPort, tokenKey }: Settings): string {
  const settings = {
    clusterName: 'standalone',
    bindAddress: address,
    bindAddresses: '',
    advertisedAddress: address,
    brokerServicePort: brokerPort,
    webServicePort: webPort,
    webSocketServiceEnabled: true,
    // A record of 5 MB is a frame of 6.7 MB, as its payload is base64.
    webSocketMaxTextFrameSize: 8 * 1024 * 1024,

    managedLedgerDefaultEnsembleSize: 1,
    managedLedgerDefaultWriteQuorum: 1,
    managedLedgerDefaultAckQuorum: 1,

    numIOThreads: 2,
    numHttpServerThreads: 8,
    managedLedgerCacheSizeMB: 64,
    loadBalancerEnabled: false,
    transactionCoordinatorEnabled: false,
    systemTopicEnabled: true,
    topicLevelPoliciesEnabled: true,
    functionsWorkerEnabled: false,
    allowAutoTopicCreation: true,
    brokerDeleteInactiveTopicsEnabled: false,
    defaultNumberOfNamespaceBundles: 1,

    allowLoopback: true,
    // Without it the bookie listens on all interfaces.
    listeningInterface: 'lo',
    diskUsageThreshold: 0.99,
    diskUsageWarnThreshold: 0.98,
    journalSyncData: false,
    dbStorage_writeCacheMaxSizeMb: 32,
    dbStorage_readAheadCacheMaxSizeMb: 32,
    ...(tokenKey ? tokenSettings(tokenKey) : {}),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function tokenSettings(key: TokenKey): Record<string, string | boolean> {
  return {
    authenticationEnabled: true,
    authorizationEnabled: true,
    authenticationProviders: 'org.apache.pulsar.broker.authentication.AuthenticationProviderToken',
    tokenSecretKey: key.setting,
    superUserRoles: 'admin',
    brokerClientAuthenticationPlugin: 'org.apache.pulsar.client.impl.auth.AuthenticationToken',
    brokerClientAuthenticationParameters: `token:${key.token('admin')}`,
  };
}

const OPENED_MODULES = [
  'java.base/sun.net',
  'java.base/java.lang',
  'java.base/jdk.internal.platform',
  'java.base/java.nio',
  'java.base/jdk.internal.misc',
  'java.base/java.util.zip',
  'java.base/sun.nio.ch',
  'java.management/sun.management',
  'jdk.management/com.sun.management.internal',
];

export interface Paths {
  /** The folder of the server's jar files. */
  readonly libraries: string;
  readonly log4j: string;
  readonly settings: string;
  /** The folder that keeps metadata and records over a restart. */
  readonly data: string;
}

/** Returns the arguments of `java`, these `more` among them. */
export function javaArguments({ libraries, log4j, settings, data }: Paths, more: readonly string[]): readonly string[] {
  return [
    ...more,
    '-Xms256m',
    '-Xmx512m',
    '-XX:MaxDirectMemorySize=512m',
    '-XX:+UseSerialGC',
    ...OPENED_MODULES.flatMap((module) => ['--add-opens', `${module}=ALL-UNNAMED`]),
    '-Dio.netty.tryReflectionSetAccessible=true',
    '-Dpulsar.allocator.exit_on_oom=true',
    '-Djava.net.preferIPv4Stack=true',
    `-Dlog4j2.configurationFile=${log4j}`,
    // Native libraries are unpacked there, and stay when the server is killed.
    `-Djava.io.tmpdir=${data}`,
    '-cp',
    `${libraries}/*`,
    'org.apache.pulsar.PulsarStandaloneStarter',
    '--config',
    settings,
    '--no-functions-worker',
    '--no-stream-storage',
    '--metadata-dir',
    `${data}/metadata`,
    '--bookkeeper-dir',
    `${data}/bookkeeper`,
  ];
}
