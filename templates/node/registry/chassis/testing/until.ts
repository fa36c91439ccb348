export const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Wait for a condition that background work fulfils. */
export async function until(condition: () => unknown): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("it does not happen");
    await tick();
  }
}
