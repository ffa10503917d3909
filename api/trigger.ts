/** Trigger, the normal form of what a user wrote: parsed, checked, with every default applied. */
import type { Secret } from '../common/secret.ts';

export { decodeTrigger } from './decode.ts';
export { encodeTrigger } from './encode.ts';
export { type Parsed, parseTrigger } from './parse.ts';

export interface Trigger {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly source: PulsarSourceSpec;
  readonly function: FunctionSpec;
  readonly delivery: DeliverySpec;
  readonly filters: readonly FilterSpec[];
  readonly scaling: { readonly replicas: number };
  readonly paused: boolean;
  /** The user's partial Deployment, as written. */
  readonly deployment: Readonly<Record<string, unknown>>;
}

/** One mistake in one object, with enough to find and mend it. */
export interface Problem {
  /** Dotted, with list indexes: `spec.delivery.retry.maxDelay`, `spec.filters[0].exact`. Empty: the whole object. */
  readonly path: string;
  /** What is wrong, with the offending value (never a credential). */
  readonly message: string;
  /** The message has a subject of its own, and doesn't go on after the path. */
  readonly isSentence?: true;
  /** What to write instead. */
  readonly cure: string;
}

export interface SecretRef {
  readonly name: string;
  readonly key: string;
}

export type SubscriptionType = 'Exclusive' | 'Failover' | 'Shared' | 'Key_Shared';

export interface PulsarSourceSpec {
  readonly type: 'pulsar';
  /** Full or short names, at least one. */
  readonly topics: readonly string[];
  /** `pulsar://`, `pulsar+ssl://`, `ws://` or `wss://`; http(s) is the native client's own way to look brokers up. */
  readonly broker: string;
  /** http(s) base URL of the admin REST API; absent: derived from a ws(s) broker, otherwise unknown. */
  readonly webServiceUrl?: string;
  readonly subscription: {
    readonly name: string;
    readonly type: SubscriptionType;
    readonly initialPosition: 'latest' | 'earliest';
  };
  /** A token that the user put in the clear. */
  readonly authToken?: Secret;
  readonly authTokenSecret?: SecretRef;
  readonly tls: {
    readonly caSecret?: SecretRef;
    /** Holds `tls.crt` and `tls.key`. */
    readonly certSecret?: { readonly name: string };
    readonly allowInsecure: boolean;
    readonly verifyHostname: boolean;
  };
}

export interface FunctionSpec {
  /** Any http(s) URL, used verbatim. */
  readonly url: string;
  /** Overrides the Content-Type that would be told from the payload. */
  readonly contentType?: string;
}

/** All times in milliseconds. */
export interface DeliverySpec {
  readonly order: 'key' | 'partition' | 'none';
  readonly maxInFlight: number;
  readonly buffer: { readonly records: number; readonly bytes: number };
  readonly timeout: number;
  readonly retry: RetrySpec;
  readonly deadLetter?: { readonly url: string };
}

export interface RetrySpec {
  readonly policy: 'exponential' | 'linear';
  readonly initialDelay: number;
  readonly maxDelay: number;
  /** Added at each attempt by the linear policy. */
  readonly step: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
  /** Attempts in all; absent: no limit. */
  readonly maxAttempts?: number;
  /** Since the first attempt; absent: no limit. */
  readonly maxAge?: number;
}

/** CloudEvents Subscriptions API dialects, plus CEL. */
export type FilterSpec =
  | { readonly exact: Readonly<Record<string, string>> }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly suffix: Readonly<Record<string, string>> }
  | { readonly all: readonly FilterSpec[] }
  | { readonly any: readonly FilterSpec[] }
  | { readonly not: FilterSpec }
  | { readonly cel: string };
