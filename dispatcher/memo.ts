/** Remembers what a function made of the first texts that it was given. */

/** Of 256 texts at most: partitions and content types are few, but producers could name any number of them. */
export function memo<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (known.size < MAX_KNOWN) known.set(text, made);
    return made;
  };
}

const MAX_KNOWN = 256;
