/** The headers of somebody who may call: nothing is asked for. */
export async function authorization(): Promise<Record<string, string>> {
  return {};
}
