/** Starts tracing. Import it before the libraries that it instruments. */
import { startTracing } from "./tracing.ts";

startTracing();
