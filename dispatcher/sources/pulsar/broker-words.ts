/** What a broker, or something in its place, said: one line that a log and a status may show. */
import { maskUsersIn } from '../../../common/mask-url.ts';
import { MASK } from '../../../common/secret.ts';

const LONGEST = 300;

/** Without tokens, of which an answer could repeat the one that was sent. */
export function oneLine(text: string, token?: string): string {
  const masked = (token === undefined ? text : text.replaceAll(token, MASK)).replace(
    /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
    MASK,
  );
  return maskUsersIn(masked).replace(/\s+/g, ' ').trim().slice(0, LONGEST);
}

/** The reason in an error page such as `<title>Error 404 Failed …: {"errorMsg":"Namespace not found","reqId":…}</title>`. */
export function reasonIn(page: string, token?: string): string {
  const title = /<title>(?:Error \d+ )?([\s\S]*?)<\/title>/i.exec(page)?.[1] ?? page.replace(/<[^<>]*>/g, ' ');
  const text = title
    .replace(/\s+/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&apos;|&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
  const reason = /"(?:errorMsg|reason)":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] || text.replace(/:? ?\{.*$/, '');
  return oneLine(reason, token) || 'no reason given';
}
