/** A histogram of durations that costs a record some nanoseconds, where prom-client's takes a microsecond and a half. */

/** Upper bounds in seconds. */
const BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180];

export class Durations {
  /** By bound, each without those below it; the last is for what exceeds them all. */
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #sum = 0;

  /** In milliseconds. */
  observe(took: number): void {
    const seconds = took / 1000;
    let bound = 0;
    while (seconds > (BOUNDS[bound] ?? Number.POSITIVE_INFINITY)) bound += 1;
    this.#counts[bound] = (this.#counts[bound] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** In Prometheus' text format 0.0.4. */
  expose(name: string, help: string): string {
    let count = 0;
    const buckets = Array.from(this.#counts, (own, bound) => {
      count += own;
      return `${name}_bucket{le="${BOUNDS[bound] ?? '+Inf'}"} ${count}`;
    });
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...buckets];
    return [...lines, `${name}_sum ${this.#sum}`, `${name}_count ${count}`, ''].join('\n');
  }
}
