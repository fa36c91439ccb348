/**
 * The application. This file is yours: msgen writes it once. Add your own routers, connections and background tasks to
 * the lists.
 */
import { type Application, createApplication, type Options } from "#chassis/application.ts";
import { run } from "#chassis/server.ts";
import { settings } from "./settings.ts";

export function createApp(options: Options = {}): Application {
  return createApplication({
    routers: [],
    lifespans: [],
    ...options,
  });
}

if (import.meta.main) {
  settings();
  await run(createApp());
}
