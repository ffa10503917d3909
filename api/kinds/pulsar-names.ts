/** What Pulsar takes for the name of a topic or a subscription, and for a token. Patterns mean the same in RE2 and JavaScript. */

export interface TopicName {
  readonly domain: 'persistent' | 'non-persistent';
  readonly tenant: string;
  readonly namespace: string;
  readonly topic: string;
  /** `persistent://tenant/namespace/topic` */
  readonly full: string;
}

const ENTITY = '[-=:._A-Za-z0-9]+';
/** NUL fits into neither a URL nor an environment variable. */
const TOPIC = `^(((persistent|non-persistent)://)?${ENTITY}/${ENTITY}/[^/\\x00]+|[^/\\x00]+)$`;
const ENDS_BLANK = '(^|/)[\\x01-\\x20]*$';
/** A part of a URL's path that is `.` or `..` is taken out of it on the way. */
const HAS_DOTS = '(^|/)[.][.]?(/|$)';
const SUBSCRIPTION = '[^\\x00-\\x20]';
const NO_SUBSCRIPTION = '\\x00|^[.][.]?$';
/** Around it there may be white space, which isn't part of it. */
const TOKEN = '^[\\t-\\r ]*([!-~]+[\\t-\\r ]*)?$';

export const TOPIC_FORMS = '"topic", "tenant/namespace/topic" or "persistent://tenant/namespace/topic"';

const isLike = (pattern: string, text: string) => new RegExp(pattern).test(text);
const matches = (field: string, pattern: string) => `${field}.matches('${pattern.replaceAll('\\', '\\\\')}')`;

export function isTopicName(text: string): boolean {
  return isLike(TOPIC, text) && !isLike(ENDS_BLANK, text) && !isLike(HAS_DOTS, text) && text.isWellFormed();
}

/** `isTopicName` in CEL. */
export function topicNameCel(field: string): string {
  return `${matches(field, TOPIC)} && !${matches(field, ENDS_BLANK)} && !${matches(field, HAS_DOTS)}`;
}

export function isSubscriptionName(text: string): boolean {
  return isLike(SUBSCRIPTION, text) && !isLike(NO_SUBSCRIPTION, text) && text.isWellFormed();
}

/** `isSubscriptionName` in CEL. */
export function subscriptionNameCel(field: string): string {
  return `${matches(field, SUBSCRIPTION)} && !${matches(field, NO_SUBSCRIPTION)}`;
}

/** Whether it is one word of printable ASCII, as the header needs it; an empty one is none. */
export function isToken(text: string): boolean {
  return isLike(TOKEN, text);
}

/** `isToken` in CEL. */
export function tokenCel(field: string): string {
  return matches(field, TOKEN);
}

/** Understands `topic`, `tenant/namespace/topic` and `persistent://tenant/namespace/topic`; throws an Error with the cure. */
export function parseTopicName(name: string): TopicName {
  if (!isTopicName(name)) {
    throw new Error(
      `topic ${JSON.stringify(name)} isn't a topic name: write ${TOPIC_FORMS}; patterns aren't supported`,
    );
  }
  const [, scheme, rest = ''] = /^(?:(persistent|non-persistent):\/\/)?(.*)$/s.exec(name) ?? [];
  const domain = scheme === 'non-persistent' ? scheme : 'persistent';
  const parts = rest.split('/');
  const [tenant = '', namespace = '', topic = ''] = parts.length === 1 ? ['public', 'default', rest] : parts;
  return { domain, tenant, namespace, topic, full: `${domain}://${tenant}/${namespace}/${topic}` };
}
