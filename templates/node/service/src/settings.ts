/** The settings of the service. This file is yours: msgen writes it once. Add your own variables to the schema. */
import { ChassisSettings, defineSettings } from "#chassis/settings.ts";

export const Settings = ChassisSettings.extend({});

export const settings = defineSettings(Settings);
