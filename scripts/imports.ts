/** Finds what a TypeScript file imports and which import rules that breaks. */
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import type { ImportRule } from './import-rules.ts';

export interface Import {
  /** The importing file, relative to the root. */
  readonly from: string;
  readonly line: number;
  /** The imported file, relative to the root, or `npm:name`; undefined when the path is computed. */
  readonly to: string | undefined;
  /** Loaded together with the importing file. */
  readonly eager: boolean;
}

/** Returns the imports and re-exports of a file, those of types and with `import()` included. Built-ins are left out. */
export function findImports(file: string, source: string): readonly Import[] {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`parsing ${file}: ${errors[0]?.message}`);
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;
  const found = (start: number, specifier: string | undefined, eager: boolean): Import => ({
    from: file,
    line: lineAt(start),
    to: specifier === undefined ? undefined : resolve(file, specifier),
    eager,
  });

  return [
    ...module.staticImports.map(({ start, moduleRequest, entries }) =>
      found(start, moduleRequest.value, entries.length === 0 || entries.some(({ isType }) => !isType)),
    ),
    ...module.staticExports.flatMap(({ start, entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [found(start, moduleRequest.value, !isType)] : [],
      ),
    ),
    ...module.dynamicImports.map(({ start, moduleRequest }) =>
      found(start, literal(source.slice(moduleRequest.start, moduleRequest.end)), false),
    ),
  ].filter(({ to }) => !to?.startsWith('node:'));
}

/** Returns one line for each rule that an import breaks, `file:line` first. */
export function brokenRules(imports: readonly Import[], rules: readonly ImportRule[]): readonly string[] {
  return imports.flatMap((found) => {
    const place = `${found.from}:${found.line}`;
    const { to } = found;
    if (to === undefined) return [`${place}: the path of an import() is a literal, so that it can be checked`];
    return rules.filter((rule) => breaks(found, to, rule)).map(({ rule }) => `${place}: imports ${to}, but ${rule}`);
  });
}

function breaks({ from, eager }: Import, to: string, rule: ImportRule): boolean {
  const groups = rule.from.exec(from);
  if (!groups || (rule.eager && !eager)) return false;
  const matches = (pattern: string) =>
    new RegExp(pattern.replace(/\$(\d)/g, (_, group) => groups[group] ?? '')).test(to);
  return matches(rule.forbidden) && !(rule.except !== undefined && matches(rule.except));
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  if (specifier.startsWith('node:')) return specifier;
  const [scope, name] = specifier.split('/');
  return `npm:${scope?.startsWith('@') ? `${scope}/${name}` : scope}`;
}

function literal(expression: string): string | undefined {
  return /^(['"`])([^'"`$]*)\1$/.exec(expression.trim())?.[2];
}
