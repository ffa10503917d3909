/** The variable `TRIGGER`: how a trigger travels from the controller to its dispatcher, as read there. */
import { isObject } from './check.ts';
import { VERSION } from './encode.ts';
import { type Parsed, parseTrigger } from './parse.ts';

/** The trigger, without `authToken`, `scaling` and `deployment`, with the defaults of this version; never throws. */
export function decodeTrigger(text: string): Parsed {
  const fields = parseJson(text);
  if (!isObject(fields)) return wrong("isn't a JSON object", 'Set TRIGGER to what the controller writes.');
  const { v, apiVersion, kind, name, namespace, spec } = fields;
  if (v !== VERSION) {
    return wrong(
      `is of version ${JSON.stringify(v)}, and this dispatcher knows ${VERSION}`,
      'Use the image of the controller.',
    );
  }
  return parseTrigger({ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) }, spec });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrong(message: string, cure: string): Parsed {
  return { problems: [{ path: '', message, cure }] };
}
