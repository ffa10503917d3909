/** Loaded before a program: its clock is off by `CLOCK_OFFSET` milliseconds; what measures durations is right. */
const offset = Number(process.env.CLOCK_OFFSET ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + offset] : args, newTarget),
  get: (target, name) => (name === 'now' ? () => RealDate.now() + offset : Reflect.get(target, name)),
  apply: () => new RealDate(RealDate.now() + offset).toString(),
});
