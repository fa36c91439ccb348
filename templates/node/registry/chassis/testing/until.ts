export const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Waits for what happens in the background. */
export async function until(condition: () => unknown): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("it does not happen");
    await tick();
  }
}
