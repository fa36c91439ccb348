/** The application. This file is yours: it is written once and never changed again. */
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
