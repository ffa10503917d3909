/** Settles as `work` does, or rejects after `most` milliseconds, when nobody waits for it any more. */
export async function within<T>(most: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it took longer than ${most} ms`)), most);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
