/** The logger of every program: constant messages plus fields, JSON lines on standard output. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { MASK } from './secret.ts';

export type { Logger };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields that can't be printed whatever object they stand in; `Secret` values print as `[secret]` by themselves. */
const REDACTED = ['token', 'authToken', 'authorization', 'password', '*.token', '*.authToken', '*.authorization'];

export function createLogger(level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: MASK },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
