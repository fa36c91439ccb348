/** The settings of this service. This file is yours: it is written once and never changed again. */
import { ChassisSettings, defineSettings } from "#chassis/settings.ts";

export const Settings = ChassisSettings.extend({
  // PAGE_TITLE: z.string().default("Welcome"),
});

export const settings = defineSettings(Settings);
