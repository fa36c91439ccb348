/** To be imported before anything else: it has spans made of what the libraries do. */
import { startTracing } from "./tracing.ts";

startTracing();
