/** What one kind of trigger is made of. */
import type { Static, TObject } from 'typebox';
import type { Problem, Trigger } from '../trigger.ts';

/** How the records of a kind look to a function, where the kinds differ. */
export interface EnvelopeProfile {
  /** The header `event-namespace`: the trigger's own namespace, or this text. */
  readonly eventNamespace: 'trigger' | `${string}.kubeless.io`;
  /** Whether the header `event-name` is sent. */
  readonly eventName: boolean;
  /** The form of `event-time`: `2020-05-07 01:32:02.123456+00:00`, or `2018-05-18 05:40:42.881137473 +0000 UTC`. */
  readonly eventTime: 'python' | 'go';
  /** Which payloads count as JSON: any JSON value, or objects and `null` alone. */
  readonly json: 'any' | 'object';
  /** Before the names of headers that carry a record's own attributes. */
  readonly attributePrefix: `${string}-`;
  /** `ce-type` where the record doesn't say its own. */
  readonly ceType: string;
}

/** A rule across fields, for the API server and for `parseTrigger` alike. Paths are relative to `spec`. */
export interface Rule<Spec> {
  /** The fields that it reads: it isn't judged while one of them is wrong by itself. */
  readonly reads: readonly string[];
  /** The field that it is reported at. */
  readonly path: string;
  /** True where the rule is kept; `self` is the spec. */
  readonly cel: string;
  readonly message: string;
  readonly cure: string;
  /** What offends, to be printed after the message, or undefined where the rule is kept. */
  broken(spec: Spec): string | undefined;
}

/** Who a trigger is. */
export interface Identity {
  readonly name: string;
  readonly namespace: string;
}

/** A column of `kubectl get`; wide ones show with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly path: string;
  readonly type: 'string' | 'integer';
  readonly wide?: boolean;
}

export interface Kind<Schema extends TObject = TObject, Spec = Static<Schema>> {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly apiVersion: string;
  readonly spec: Schema;
  readonly rules: readonly Rule<Spec>[];
  readonly columns: readonly Column[];
  readonly envelope: EnvelopeProfile;
  /** Only called with a spec that its schema and rules found right; applies the defaults. */
  parseSource(spec: Spec, identity: Identity): Trigger['source'];
  /** What can be meant, and is most likely a mistake. */
  warnings?(source: Trigger['source']): readonly Problem[];
}
