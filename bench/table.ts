/** Tables for a terminal and for Markdown. */
import type { Row } from './suite.ts';

export function printTable(rows: readonly Row[]): string {
  const { columns, lines, numeric } = layout(rows);
  const widths = columns.map((name, i) => Math.max(name.length, ...lines.map((line) => (line[i] ?? '').length)));
  const print = (cells: readonly string[]): string =>
    cells.map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ');
  return [columns, widths.map((width) => '-'.repeat(width)), ...lines].map(print).join('\n');
}

export function markdownTable(rows: readonly Row[]): string {
  const { columns, lines, numeric } = layout(rows);
  const print = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [columns, numeric.map((each) => (each ? '---:' : '---')), ...lines].map(print).join('\n');
}

function layout(rows: readonly Row[]) {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((name) => printCell(row[name])));
  const numeric = columns.map((name) => rows.every((row) => typeof row[name] === 'number' || row[name] === ''));
  return { columns, lines, numeric };
}

function printCell(value: string | number | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 2 }) : (value ?? '');
}
